package io.millrace.security.authentication.certificate;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.security.authentication.Authentication;
import io.millrace.security.authentication.AuthenticationMethod;
import io.millrace.security.principal.Principal;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Derives principals from client certificates, which the TLS handshake has verified. Any thread.
 */
public final class CertificateAuthenticator {

    private final CertificateName rule;
    private final InstantSource clock;

    public CertificateAuthenticator(CertificateName rule, InstantSource clock) {
        this.rule = rule;
        this.clock = clock;
    }

    /** A certificate that has expired since the handshake is rejected. */
    public Authentication authenticate(X509Certificate certificate) {
        long expiresMs = certificate.getNotAfter().getTime();
        if (clock.millis() >= expiresMs) {
            return new Authentication.Rejected(
                    AuthenticationMethod.CERTIFICATE.label(),
                    new Problem(
                            Reason.CREDENTIALS_EXPIRED,
                            "The client certificate has expired, so the call was not executed: connect"
                                    + " again with a new certificate."));
        }
        Optional<Principal> principal = rule.of(certificate).flatMap(Principal::authenticated);
        return principal
                .<Authentication>map(accepted ->
                        new Authentication.Accepted(
                                AuthenticationMethod.CERTIFICATE, accepted, expiresMs))
                .orElseGet(() ->
                        Authentication.rejected(
                                AuthenticationMethod.CERTIFICATE,
                                "The client certificate does not have exactly one legal name of the kind \"%s\", so the call was not executed: use another certificate, or change millrace.auth-certificate-principal."
                                        .formatted(rule.label())));
    }
}
