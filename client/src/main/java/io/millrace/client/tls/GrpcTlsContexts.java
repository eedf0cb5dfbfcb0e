package io.millrace.client.tls;

import io.grpc.netty.GrpcSslContexts;
import io.millrace.runtime.tls.TlsIdentity;
import io.millrace.runtime.tls.TlsMaterial;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;

/**
 * Creates contexts for HTTP/2 with TLS 1.3 and 1.2. Uses OpenSSL where netty-tcnative is on the
 * class path, otherwise the JDK.
 */
public final class GrpcTlsContexts {

    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private GrpcTlsContexts() {}

    /**
     * @throws SSLException if the certificates cannot be used
     */
    public static SslContext forClient(TlsMaterial material) throws SSLException {
        SslContextBuilder builder = SslContextBuilder.forClient();
        material.own().ifPresent(own -> builder.keyManager(own.key(), chain(own)));
        return build(builder, material);
    }

    /**
     * @param material the certificates; with a certificate of the server
     * @param clients whether clients present certificates
     * @throws SSLException if the certificates cannot be used
     */
    public static SslContext forServer(TlsMaterial material, ClientAuth clients)
            throws SSLException {
        TlsIdentity own =
                material.own()
                        .orElseThrow(
                                () -> new IllegalArgumentException("a server needs a certificate"));
        return build(
                SslContextBuilder.forServer(own.key(), chain(own)).clientAuth(clients), material);
    }

    private static X509Certificate[] chain(TlsIdentity own) {
        return own.chain().toArray(X509Certificate[]::new);
    }

    private static SslContext build(SslContextBuilder builder, TlsMaterial material)
            throws SSLException {
        if (!material.authorities().isEmpty()) {
            builder.trustManager(material.authorities());
        }
        return GrpcSslContexts.configure(builder).protocols(PROTOCOLS).build();
    }
}
