package io.millrace.client.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsFailuresTest {

    /** The texts of Java's TLS and of BoringSSL for the same alerts. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "(certificate_required) Received fatal alert: certificate_required | presented none",
                "error:1000045c:SSL routines:OPENSSL_internal:TLSV1_ALERT_CERTIFICATE_REQUIRED | presented none",
                "(certificate_expired) Received fatal alert: certificate_expired | refused the certificate",
                "error:10000415:SSL routines:OPENSSL_internal:SSLV3_ALERT_CERTIFICATE_EXPIRED | refused the certificate",
                "(unknown_ca) Received fatal alert: unknown_ca | refused the certificate",
                "error:10000418:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNKNOWN_CA | refused the certificate",
                "(handshake_failure) Received fatal alert: handshake_failure | refused the TLS handshake",
            })
    void anAlertNamesCauseAndAction(String message, String sentence) {
        Status status = Status.UNAVAILABLE.withCause(new SSLHandshakeException(message));

        assertThat(TlsFailures.sentence("node:9090", status))
                .hasValueSatisfying(text ->
                        assertThat(text).contains(sentence).contains("server at node:9090"));
    }
}
