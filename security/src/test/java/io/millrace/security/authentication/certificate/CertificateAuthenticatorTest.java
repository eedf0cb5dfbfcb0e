package io.millrace.security.authentication.certificate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.error.Reason;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.principal.Principal;
import java.io.IOException;
import java.io.InputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The resources are self-signed certificates: the TLS handshake verifies chains. */
class CertificateAuthenticatorTest {

    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private static X509Certificate certificate(String name) {
        try (InputStream pem =
                Objects.requireNonNull(
                        CertificateAuthenticatorTest.class.getResourceAsStream(name + ".pem"))) {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(pem);
        } catch (IOException | CertificateException illegal) {
            throw new AssertionError(illegal);
        }
    }

    private static Authentication authenticate(CertificateName rule, String name, Instant now) {
        return new CertificateAuthenticator(rule, InstantSource.fixed(now))
                .authenticate(certificate(name));
    }

    @ParameterizedTest
    @CsvSource({
        "DN, 'User:CN=alice,OU=apps,O=Example'",
        "CN, User:alice",
        "SAN_DNS, User:alice.example"
    })
    void theRuleSelectsTheNameOfThePrincipal(CertificateName rule, String principal) {
        assertThat(authenticate(rule, "alice", NOW))
                .isEqualTo(
                        new Authentication.Accepted(
                                AuthenticationMethod.CERTIFICATE,
                                new Principal(principal),
                                certificate("alice").getNotAfter().getTime()));
    }

    @ParameterizedTest
    @CsvSource({"CN, two", "SAN_DNS, two", "SAN_DNS, anon", "CN, anon"})
    void anAmbiguousMissingOrReservedNameIsRejected(CertificateName rule, String name) {
        assertThat(authenticate(rule, name, NOW))
                .isInstanceOfSatisfying(
                        Authentication.Rejected.class,
                        rejected ->
                                assertThat(rejected.problem().reason())
                                        .isEqualTo(Reason.UNAUTHENTICATED));
    }

    @Test
    void aCertificateThatHasExpiredSinceTheHandshakeIsRejected() {
        Instant end = certificate("alice").getNotAfter().toInstant();
        assertThat(authenticate(CertificateName.CN, "alice", end.minusMillis(1)))
                .isInstanceOf(Authentication.Accepted.class);
        assertThat(authenticate(CertificateName.CN, "alice", end))
                .isInstanceOfSatisfying(
                        Authentication.Rejected.class,
                        rejected ->
                                assertThat(rejected.problem().reason())
                                        .isEqualTo(Reason.CREDENTIALS_EXPIRED));
    }
}
