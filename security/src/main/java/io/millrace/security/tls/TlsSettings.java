package io.millrace.security.tls;

import io.millrace.runtime.tls.TlsFiles;
import java.util.Optional;

/**
 * TLS settings of a server.
 *
 * @param files the certificate of the node, and the authorities of clients and other nodes
 * @param clients the client certificates that the server requests
 * @param nodeName the name that the certificates of all nodes have, verified by the other nodes;
 *     empty for the host at which a node is registered
 */
public record TlsSettings(TlsFiles files, ClientCertificates clients, Optional<String> nodeName) {

    public TlsSettings {
        if (files.own().isEmpty()) {
            throw new IllegalArgumentException("a server needs a certificate");
        }
        if (clients != ClientCertificates.NONE && files.trust().isEmpty()) {
            throw new IllegalArgumentException(
                    "client certificates need the authorities that issue them");
        }
    }
}
