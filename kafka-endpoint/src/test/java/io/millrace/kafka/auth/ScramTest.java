package io.millrace.kafka.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.kafka.connection.ApiHandler;
import io.millrace.kafka.connection.ConnectionLimits;
import io.millrace.kafka.connection.EmbeddedClient;
import io.millrace.kafka.connection.RequestContext;
import io.millrace.metadata.identity.NodeSecret;
import io.millrace.metadata.scram.ScramCredential;
import io.millrace.metadata.scram.ScramCredentials;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.scram.SaltedPassword;
import io.millrace.protocol.scram.ScramMechanism;
import io.millrace.protocol.scram.ScramName;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.AuthenticationListener;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.authentication.scram.DecoyCredentials;
import io.millrace.security.authentication.scram.ScramAuthenticator;
import io.millrace.security.principal.Caller;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslException;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.SaslAuthenticateRequestData;
import org.apache.kafka.common.message.SaslAuthenticateResponseData;
import org.apache.kafka.common.message.SaslHandshakeRequestData;
import org.apache.kafka.common.message.SaslHandshakeResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.security.scram.internals.ScramSaslClient.ScramSaslClientFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server's side of SCRAM with the client of Kafka's library, and with illegal messages. */
class ScramTest {

    private static final String SHA_512 = "SCRAM-SHA-512";
    private static final int LIST_VERSION = 5;

    /** Records the principals of requests. */
    private static final class Callers
            implements ApiHandler<ListGroupsRequestData, ListGroupsResponseData> {

        private final List<String> principals = new ArrayList<>();

        @Override
        public ApiKeys api() {
            return ApiKeys.LIST_GROUPS;
        }

        @Override
        public CompletableFuture<ListGroupsResponseData> handle(
                RequestContext context, ListGroupsRequestData request) {
            principals.add(context.caller().principal().text());
            return CompletableFuture.completedFuture(new ListGroupsResponseData());
        }
    }

    private final Callers callers = new Callers();
    private final List<String> rejected = new ArrayList<>();
    private ScramCredentials credentials = ScramCredentials.NONE;

    private EmbeddedClient connect() {
        AuthenticationListener listener =
                new AuthenticationListener() {
                    @Override
                    public void accepted(AuthenticationMethod method, Caller caller) {}

                    @Override
                    public void rejected(
                            String method, String host, String target, Problem problem) {
                        rejected.add(method + " " + target);
                    }
                };
        return EmbeddedClient.of(
                new ClientIdentities(
                        presented ->
                                Authentication.rejected(AuthenticationMethod.TOKEN, "no tokens"),
                        listener,
                        List.of(SaslMechanism.SCRAM_SHA_256, SaslMechanism.SCRAM_SHA_512),
                        Optional.of(
                                new ScramAuthenticator(
                                        () -> credentials,
                                        new DecoyCredentials(
                                                NodeSecret.parse("ab".repeat(32)).orElseThrow()),
                                        new SplittableRandom(1))),
                        () -> Instant.EPOCH),
                ConnectionLimits.STANDARD,
                callers,
                new SaslHandshakeHandler(),
                new SaslAuthenticateHandler());
    }

    private void set(ScramMechanism mechanism, String user, String password) {
        credentials =
                credentials.with(
                        ScramCredential.of(
                                SaltedPassword.of(
                                        new ScramName(user, mechanism),
                                        password,
                                        ScramMechanism.MIN_ITERATIONS,
                                        password.getBytes(StandardCharsets.UTF_8))));
    }

    private static SaslClient scram(String mechanism, String user, String password)
            throws SaslException {
        return new ScramSaslClientFactory()
                .createSaslClient(
                        new String[] {mechanism},
                        "",
                        "kafka",
                        "localhost",
                        Map.of(),
                        callbacks -> {
                            for (Callback callback : callbacks) {
                                if (callback instanceof NameCallback name) {
                                    name.setName(user);
                                } else if (callback instanceof PasswordCallback secret) {
                                    secret.setPassword(password.toCharArray());
                                }
                            }
                        });
    }

    private static void begin(EmbeddedClient client, String mechanism) {
        assertThat(
                        client.call(
                                        ApiKeys.SASL_HANDSHAKE,
                                        1,
                                        new SaslHandshakeRequestData().setMechanism(mechanism),
                                        SaslHandshakeResponseData.class)
                                .errorCode())
                .isZero();
    }

    private static SaslAuthenticateResponseData send(EmbeddedClient client, byte[] message) {
        return client.call(
                ApiKeys.SASL_AUTHENTICATE,
                2,
                new SaslAuthenticateRequestData().setAuthBytes(message),
                SaslAuthenticateResponseData.class);
    }

    private static SaslAuthenticateResponseData send(EmbeddedClient client, String message) {
        return send(client, message.getBytes(StandardCharsets.UTF_8));
    }

    /** Returns the answer to the last message. The client has verified an accepting one. */
    private static SaslAuthenticateResponseData authenticate(
            EmbeddedClient client, String mechanism, String user, String password)
            throws SaslException {
        begin(client, mechanism);
        SaslClient scram = scram(mechanism, user, password);
        SaslAuthenticateResponseData challenge = send(client, scram.evaluateChallenge(new byte[0]));
        assertThat(challenge.errorCode()).as("the challenge").isZero();
        SaslAuthenticateResponseData last =
                send(client, scram.evaluateChallenge(challenge.authBytes()));
        if (last.errorCode() == 0) {
            scram.evaluateChallenge(last.authBytes());
            assertThat(scram.isComplete()).isTrue();
        }
        return last;
    }

    private static void list(EmbeddedClient client) {
        client.send(ApiKeys.LIST_GROUPS, LIST_VERSION, new ListGroupsRequestData());
        var unused = client.receive(ApiKeys.LIST_GROUPS, LIST_VERSION);
    }

    @ParameterizedTest
    @EnumSource(ScramMechanism.class)
    void theUserIsThePrincipal(ScramMechanism mechanism) throws SaslException {
        set(mechanism, "al=ice,ü", "secret");
        try (EmbeddedClient client = connect()) {
            assertThat(
                            authenticate(client, mechanism.text(), "al=ice,ü", "secret")
                                    .sessionLifetimeMs())
                    .isZero();
            list(client);
            assertThat(callers.principals).containsExactly("User:al=ice,ü");
        }
    }

    @Test
    void aClientIsNotAuthenticatedBeforeItsProof() throws SaslException {
        set(ScramMechanism.SHA_512, "alice", "secret");
        try (EmbeddedClient client = connect()) {
            begin(client, SHA_512);
            send(client, scram(SHA_512, "alice", "secret").evaluateChallenge(new byte[0]));
            list(client);
            assertThat(callers.principals).isEmpty();
            assertThat(client.channel().isOpen()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"alice", "bob", "carol", "al"})
    void wrongPasswordsAndUnknownUsersHaveTheSameAnswers(String user) throws SaslException {
        set(ScramMechanism.SHA_512, "alice", "secret");
        set(ScramMechanism.SHA_256, "carol", "wrong");
        try (EmbeddedClient client = connect()) {
            SaslAuthenticateResponseData answer = authenticate(client, SHA_512, user, "wrong");
            assertThat(answer.errorCode()).isEqualTo(Errors.SASL_AUTHENTICATION_FAILED.code());
            assertThat(answer.errorMessage())
                    .isEqualTo(
                            "The user has no credential for SCRAM-SHA-512, or the password is wrong, so the client is not authenticated: use the password that was set last.");
            assertThat(client.channel().isOpen()).isFalse();
            assertThat(rejected).containsExactly("scram Kafka/SaslAuthenticate");
        }
    }

    @Test
    void anUnknownUserHasTheSameSaltAtEachAttempt() {
        List<String> salts = new ArrayList<>();
        for (String user : List.of("bob", "bob", "carol")) {
            try (EmbeddedClient client = connect()) {
                begin(client, SHA_512);
                byte[] challenge = send(client, "n,,n=" + user + ",r=nonce").authBytes();
                salts.add(
                        new String(challenge, StandardCharsets.UTF_8)
                                .replaceFirst("r=nonce[^,]+,", ""));
            }
        }
        assertThat(salts.get(0)).matches("s=[^,]+,i=4096").isEqualTo(salts.get(1));
        assertThat(salts.get(2)).isNotEqualTo(salts.get(0));
    }

    @Test
    void aRemovedCredentialEndsTheConnectionAndAnotherPasswordDoesNot() throws SaslException {
        set(ScramMechanism.SHA_512, "alice", "secret");
        try (EmbeddedClient client = connect()) {
            authenticate(client, SHA_512, "alice", "secret");
            set(ScramMechanism.SHA_512, "alice", "another");
            list(client);
            assertThat(callers.principals).containsExactly("User:alice");

            credentials = credentials.without(new ScramName("alice", ScramMechanism.SHA_512));
            list(client);
            assertThat(callers.principals).hasSize(1);
            assertThat(client.channel().isOpen()).isFalse();
            assertThat(rejected).containsExactly("scram Kafka/ListGroups");
        }
    }

    @Test
    void aClientMayAuthenticateAgainAsTheSameUserOnly() throws SaslException {
        set(ScramMechanism.SHA_512, "alice", "secret");
        set(ScramMechanism.SHA_512, "bob", "secret");
        try (EmbeddedClient client = connect()) {
            authenticate(client, SHA_512, "alice", "secret");
            assertThat(authenticate(client, SHA_512, "alice", "secret").errorCode()).isZero();
            assertThat(authenticate(client, SHA_512, "bob", "secret").errorCode())
                    .isEqualTo(Errors.SASL_AUTHENTICATION_FAILED.code());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n",
                "n,",
                "n,,",
                "n,,n=",
                "n,,n=alice",
                "n,,n=,r=x",
                "n,,n=alice,",
                "n,,n=alice,r=",
                "n,,n=alice,s=x",
                "n,,n=al=ice,r=x",
                "n,,n=al=2,r=x",
                "n,,m=x,n=alice,r=x",
                "n,a=bob,n=alice,r=x",
                "n,bob,n=alice,r=x",
                "p=tls-unique,,n=alice,r=x",
                ",,n=alice,r=x",
                "n=alice,r=x"
            })
    void anIllegalFirstMessageIsRefused(String message) {
        set(ScramMechanism.SHA_512, "alice", "secret");
        try (EmbeddedClient client = connect()) {
            begin(client, SHA_512);
            SaslAuthenticateResponseData answer = send(client, message);
            assertThat(answer.errorCode()).isEqualTo(Errors.SASL_AUTHENTICATION_FAILED.code());
            assertThat(client.channel().isOpen()).isFalse();
        }
    }

    @Test
    void longMessagesAreRefused() {
        for (String message :
                List.of(
                        "n,,n=alice,r=" + "x".repeat(5_000),
                        "n,,n=" + "=2C".repeat(100_000) + ",r=x",
                        "n,," + ",".repeat(400_000))) {
            try (EmbeddedClient client = connect()) {
                begin(client, SHA_512);
                assertThat(send(client, message).errorCode())
                        .isEqualTo(Errors.SASL_AUTHENTICATION_FAILED.code());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws",
                "c=biws,r=NONCE",
                "c=biws,r=NONCE,p=",
                "c=biws,r=NONCE,p=?",
                "c=biws,r=NONCE,p=QUJD",
                "c=biws,r=nonce,p=PROOF",
                "c=biws,r=NONCEx,p=PROOF",
                "c=eSws,r=NONCE,p=PROOF",
                "c=?,r=NONCE,p=PROOF",
                "c=,r=NONCE,p=PROOF",
                "r=NONCE,p=PROOF",
                ",r=NONCE,p=PROOF",
                "p=PROOF,c=biws,r=NONCE"
            })
    void anIllegalLastMessageIsRefused(String form) {
        set(ScramMechanism.SHA_512, "alice", "secret");
        try (EmbeddedClient client = connect()) {
            begin(client, SHA_512);
            String challenge =
                    new String(
                            send(client, "n,,n=alice,r=nonce").authBytes(), StandardCharsets.UTF_8);
            String nonce = challenge.substring(2, challenge.indexOf(','));
            byte[] zeros = new byte[64];
            String message =
                    form.replace("NONCE", nonce)
                            .replace("PROOF", Base64.getEncoder().encodeToString(zeros));
            assertThat(send(client, message).errorCode())
                    .isEqualTo(Errors.SASL_AUTHENTICATION_FAILED.code());
            assertThat(client.channel().isOpen()).isFalse();
            assertThat(rejected).containsExactly("scram Kafka/SaslAuthenticate");
        }
    }

    @Test
    void otherHeadersAndExtensionsAreAccepted() {
        set(ScramMechanism.SHA_512, "alice", "secret");
        for (String header : List.of("n,,", "y,,", "n,a=alice,")) {
            try (EmbeddedClient client = connect()) {
                begin(client, SHA_512);
                String bare = "n=alice,r=nonce,x=1";
                String challenge =
                        new String(send(client, header + bare).authBytes(), StandardCharsets.UTF_8);
                String signed =
                        "c=%s,%s,x=2"
                                .formatted(
                                        Base64.getEncoder()
                                                .encodeToString(
                                                        header.getBytes(StandardCharsets.UTF_8)),
                                        challenge.substring(0, challenge.indexOf(',')));
                byte[] proof = proof(bare + "," + challenge + "," + signed);
                SaslAuthenticateResponseData answer =
                        send(client, signed + ",p=" + Base64.getEncoder().encodeToString(proof));
                assertThat(answer.errorCode()).as(header).isZero();
            }
        }
    }

    private static byte[] proof(String message) {
        SaltedPassword password =
                SaltedPassword.of(
                        new ScramName("alice", ScramMechanism.SHA_512),
                        "secret",
                        ScramMechanism.MIN_ITERATIONS,
                        "secret".getBytes(StandardCharsets.UTF_8));
        byte[] proof =
                ScramMechanism.SHA_512.hmac(
                        password.storedKey(), message.getBytes(StandardCharsets.UTF_8));
        byte[] key = password.clientKey();
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= key[i];
        }
        return proof;
    }
}
