package io.millrace.client.tls;

import io.grpc.Status;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;

/** Maps failures of TLS connections to sentences with cause and action. */
public final class TlsFailures {

    /** The first bytes of a TLS alert, in the message of Netty about an HTTP/2 frame. */
    private static final String ALERT = "1503";

    private static final int MAX_CAUSES = 20;

    private TlsFailures() {}

    /** Returns the sentence, or empty if the cause is not TLS. */
    public static Optional<String> sentence(String address, Status status) {
        Throwable cause = status.getCause();
        Optional<String> found = Optional.empty();
        // The innermost cause is the most precise.
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            Optional<String> here = sentence(address, cause);
            found = here.isPresent() ? here : found;
            cause = cause.getCause();
        }
        return found;
    }

    private static Optional<String> sentence(String address, Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return switch (cause) {
            case NotSslRecordException plaintext ->
                    Optional.of(
                            "The server at %s does not use TLS: connect without TLS, or enable TLS on the server."
                                    .formatted(address));
            case Http2Exception http when message.contains(ALERT) ->
                    Optional.of(
                            "The server at %s requires TLS: connect with TLS.".formatted(address));
            case CertificateExpiredException expired -> expired(address);
            case CertificateNotYetValidException early ->
                    Optional.of(
                            "The certificate of the server at %s is not valid yet: check the clocks of client and server."
                                    .formatted(address));
            case CertPathValidatorException path
                    when path.getReason() == CertPathValidatorException.BasicReason.EXPIRED ->
                    expired(address);
            case CertificateException wrong -> Optional.of(ofCertificate(address, message));
            case SSLException alert when message.toLowerCase(Locale.ROOT).contains("alert") ->
                    Optional.of(ofAlert(address, message));
            case SSLException failed ->
                    Optional.of(
                            "The TLS handshake with the server at %s failed: %s."
                                    .formatted(address, message));
            default -> Optional.empty();
        };
    }

    private static Optional<String> expired(String address) {
        return Optional.of(
                "The certificate of the server at %s has expired: renew the certificate, or check the clock of this machine."
                        .formatted(address));
    }

    /** The JDK has no exception class for these. */
    private static String ofCertificate(String address, String message) {
        String text = message.toLowerCase(Locale.ROOT);
        if (text.contains("matching") || text.contains("subject alternative")) {
            return "The certificate of the server at %s is for another name (%s): connect by a name in the certificate, or set the server name of the client."
                    .formatted(address, message);
        }
        return "The certificate of the server at %s is not trusted, because no trusted authority has issued it: set the file of trusted authorities to the one that issued it."
                .formatted(address);
    }

    private static String ofAlert(String address, String message) {
        String text = message.toLowerCase(Locale.ROOT);
        if (text.contains("certificate_required") || text.contains("certificate required")) {
            return "The server at %s requires a client certificate of an authority that it trusts, and this client presented none: set a certificate of such an authority and its key."
                    .formatted(address);
        }
        if (text.contains("certificate")
                || text.contains("unknown_ca")
                || text.contains("unknown ca")) {
            return "The server at %s refused the certificate of this client (%s): use a certificate that is valid and issued by an authority that the server trusts."
                    .formatted(address, message);
        }
        return "The server at %s refused the TLS handshake: %s.".formatted(address, message);
    }
}
