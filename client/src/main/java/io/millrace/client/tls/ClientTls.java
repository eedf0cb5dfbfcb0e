package io.millrace.client.tls;

import io.millrace.runtime.tls.TlsFiles;
import java.nio.file.Path;
import java.util.Optional;

/**
 * TLS settings of a client. All files are PEM. They are read again for each new connection, because
 * a client may live longer than its certificate.
 *
 * @param files the certificate of the client, if servers require one, and the authorities of the
 *     servers
 * @param serverName the name that the certificates of all servers must have; empty for the host of
 *     each address
 */
public record ClientTls(TlsFiles files, Optional<String> serverName) {

    /** Returns settings that trust the certificate authorities of the JVM. */
    public static ClientTls ofJvmAuthorities() {
        return new ClientTls(new TlsFiles(Optional.empty(), Optional.empty()), Optional.empty());
    }

    /**
     * Returns settings that trust the given certificate authorities only.
     *
     * @param authorities the file of the certificates
     */
    public static ClientTls trusting(Path authorities) {
        return new ClientTls(
                new TlsFiles(Optional.empty(), Optional.of(authorities)), Optional.empty());
    }

    /**
     * Sets the client's certificate.
     *
     * @param certificate the certificate, followed by its intermediate certificates
     * @param key the key, not encrypted
     */
    public ClientTls withCertificate(Path certificate, Path key) {
        return new ClientTls(
                new TlsFiles(
                        Optional.of(new TlsFiles.CertificateFiles(certificate, key)),
                        files.trust()),
                serverName);
    }

    /**
     * Sets the name that the certificates of all servers must have. Needed where nodes are reached
     * by IP addresses, as in Kubernetes.
     */
    public ClientTls withServerName(String name) {
        return new ClientTls(files, Optional.of(name));
    }
}
