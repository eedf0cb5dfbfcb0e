package io.millrace.protocol.scram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class SaltedPasswordTest {

    private static SaltedPassword password(ScramMechanism mechanism, String text) {
        return SaltedPassword.of(
                new ScramName("user", mechanism),
                text,
                4_096,
                Base64.getDecoder().decode("W22ZaJ0SNY7soEsUEjb6gQ=="));
    }

    /** The example of RFC 7677. */
    @Test
    void theKeysAreThoseOfTheRfc() {
        SaltedPassword pencil = password(ScramMechanism.SHA_256, "pencil");
        byte[] signed =
                ("n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
                                + "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,"
                                + "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")
                        .getBytes(StandardCharsets.US_ASCII);
        byte[] proof = ScramMechanism.SHA_256.hmac(pencil.storedKey(), signed);
        for (int i = 0; i < proof.length; i++) {
            proof[i] ^= pencil.clientKey()[i];
        }

        assertThat(Base64.getEncoder().encodeToString(proof))
                .isEqualTo("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        assertThat(
                        Base64.getEncoder()
                                .encodeToString(
                                        ScramMechanism.SHA_256.hmac(pencil.serverKey(), signed)))
                .isEqualTo("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    @Test
    void keysHaveTheLengthOfTheMechanism() {
        for (ScramMechanism mechanism : ScramMechanism.values()) {
            SaltedPassword password = password(mechanism, "pässword");
            assertThat(password.hash().size()).isEqualTo(mechanism.keyBytes());
            assertThat(password.storedKey()).hasSize(mechanism.keyBytes());
            assertThat(password.serverKey()).hasSize(mechanism.keyBytes());
        }
    }

    @Test
    void theTextHasNoSecret() {
        assertThat(password(ScramMechanism.SHA_512, "pencil"))
                .hasToString("SaltedPassword[ScramName[user=user, mechanism=SHA_512], secret]");
    }

    @Test
    void anEmptyPasswordIsRefused() {
        assertThatThrownBy(() -> password(ScramMechanism.SHA_512, ""))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
