package io.millrace.runtime.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * The certificates of one side of a TLS connection.
 *
 * @param own the certificate and key of this side; empty for a client without a certificate
 * @param authorities the certificate authorities of the other side; empty for those of the JVM
 */
public record TlsMaterial(Optional<TlsIdentity> own, List<X509Certificate> authorities) {

    public TlsMaterial {
        authorities = List.copyOf(authorities);
    }
}
