package io.millrace.security.authentication.scram;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.millrace.metadata.identity.NodeSecret;
import io.millrace.metadata.scram.ScramCredential;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.protocol.scram.SaltedPassword;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.principal.Caller;
import io.millrace.security.principal.Principal;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ScramAuthenticatorTest {

    private static final byte[] MESSAGE = "all messages".getBytes(StandardCharsets.UTF_8);
    private static final ScramName ALICE = new ScramName("alice", ScramMechanism.SHA_512);
    private static final ScramName BOB = new ScramName("bob", ScramMechanism.SHA_512);

    private ScramCredentials credentials = ScramCredentials.NONE;

    private ScramAuthenticator node(String secret) {
        return new ScramAuthenticator(
                () -> credentials,
                new DecoyCredentials(NodeSecret.parse(secret.repeat(32)).orElseThrow()),
                new SplittableRandom(1));
    }

    private static SaltedPassword password(
            ScramName name, String text, int iterations, byte[] salt) {
        return SaltedPassword.of(name, text, iterations, salt);
    }

    private void set(SaltedPassword password) {
        credentials = credentials.with(ScramCredential.of(password));
    }

    private static byte[] proof(ScramCredential challenged, String text) {
        SaltedPassword password =
                password(
                        challenged.name(),
                        text,
                        challenged.iterations(),
                        challenged.salt().toByteArray());
        byte[] proof = challenged.name().mechanism().hmac(password.storedKey(), MESSAGE);
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= password.clientKey()[i];
        }
        return proof;
    }

    private Authentication attempt(ScramName name, String text) {
        ScramCredential challenged = node("ab").challenge(name);
        return node("ab").verify(challenged, MESSAGE, proof(challenged, text));
    }

    @Test
    void theProofOfThePasswordIsAccepted() {
        for (ScramMechanism mechanism : ScramMechanism.values()) {
            ScramName name = new ScramName("alice", mechanism);
            set(password(name, "secret", 5_000, new byte[] {1, 2, 3}));

            assertThat(attempt(name, "secret"))
                    .isEqualTo(
                            new Authentication.Accepted(
                                    AuthenticationMethod.SCRAM,
                                    Principal.user("alice"),
                                    Caller.NEVER));
            assertThat(attempt(name, "wrong")).isInstanceOf(Authentication.Rejected.class);
        }
    }

    @Test
    void anUnknownUserIsRejectedLikeAWrongPassword() {
        set(password(ALICE, "secret", 4_096, new byte[] {1, 2, 3}));

        assertThat(attempt(BOB, "secret")).isEqualTo(attempt(ALICE, "wrong"));
        assertThat(attempt(new ScramName("alice", ScramMechanism.SHA_256), "secret"))
                .isInstanceOf(Authentication.Rejected.class);
    }

    @Test
    void proofsOfOtherLengthsAreRejected() {
        set(password(ALICE, "secret", 4_096, new byte[] {1, 2, 3}));
        ScramCredential challenged = node("ab").challenge(ALICE);

        for (int length : new int[] {0, 32, 63, 65}) {
            assertThat(node("ab").verify(challenged, MESSAGE, new byte[length]))
                    .isInstanceOf(Authentication.Rejected.class);
        }
    }

    @Test
    void allNodesChallengeAnUnknownUserAlike() {
        set(password(ALICE, "secret", 4_096, new byte[] {1, 2, 3}));

        assertThat(node("ab").challenge(BOB)).isEqualTo(node("ab").challenge(BOB));
        assertThat(node("ab").challenge(BOB).salt()).isNotEqualTo(node("cd").challenge(BOB).salt());
        assertThat(node("ab").challenge(BOB).salt())
                .isNotEqualTo(node("ab").challenge(new ScramName("b", BOB.mechanism())).salt());
    }

    @Test
    void theChallengeOfAnUnknownUserResemblesThatOfAKnownOne() {
        assertThat(node("ab").challenge(BOB).iterations()).isEqualTo(4_096);
        assertThat(node("ab").challenge(BOB).salt().toStringUtf8()).matches("[0-9a-z]{26}");

        set(password(ALICE, "secret", 8_192, "abc0".getBytes(StandardCharsets.UTF_8)));
        assertThat(node("ab").challenge(BOB).iterations()).isEqualTo(8_192);
        assertThat(node("ab").challenge(BOB).salt().toStringUtf8()).matches("[0-9a-z]{4}");

        ScramName carol = new ScramName("carol", ScramMechanism.SHA_512);
        set(password(carol, "secret", 4_097, new byte[100]));
        ScramCredential challenge = node("ab").challenge(BOB);
        assertThat(challenge.iterations()).isEqualTo(4_097);
        assertThat(challenge.salt().size()).isEqualTo(100);
        assertThat(challenge.salt().toStringUtf8()).doesNotMatch("[0-9a-z]*");
    }

    @Test
    void aUserIsRejectedAfterTheRemovalAndNotAfterAChange() {
        set(password(ALICE, "secret", 4_096, new byte[] {1}));
        assertThat(node("ab").authenticate(ALICE)).isInstanceOf(Authentication.Accepted.class);

        set(password(ALICE, "another", 4_096, new byte[] {2}));
        assertThat(node("ab").authenticate(ALICE)).isInstanceOf(Authentication.Accepted.class);

        credentials = credentials.without(ALICE);
        assertThat(node("ab").authenticate(ALICE)).isInstanceOf(Authentication.Rejected.class);
    }

    @Test
    void aReservedNameIsNotAPrincipal() {
        ScramName reserved = new ScramName("ANONYMOUS", ScramMechanism.SHA_512);
        set(password(reserved, "secret", 4_096, new byte[] {1}));

        assertThat(attempt(reserved, "secret")).isInstanceOf(Authentication.Rejected.class);
    }

    @Test
    void theSignatureIsThatOfTheServerKey() {
        SaltedPassword password = password(ALICE, "secret", 4_096, new byte[] {1});
        set(password);

        assertThat(ScramAuthenticator.signature(node("ab").challenge(ALICE), MESSAGE))
                .isEqualTo(ScramMechanism.SHA_512.hmac(password.serverKey(), MESSAGE));
    }

    @Test
    void noncesDiffer() {
        ScramAuthenticator users = node("ab");

        assertThat(users.nonce()).isNotEqualTo(users.nonce()).matches("[0-9a-z]{20,28}");
        assertThat(ByteString.copyFromUtf8(users.nonce()).size()).isLessThan(30);
    }
}
