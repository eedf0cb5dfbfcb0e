package io.millrace.metadata.etcd.jetcd;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * TLS settings for etcd. All files are PEM and are read when the client is created.
 *
 * @param authorities the certificate authorities of etcd; empty for the JVM's
 * @param identity the client certificate, if etcd requires it
 */
public record EtcdTls(Optional<Path> authorities, Optional<Identity> identity) {

    /**
     * A certificate and its key.
     *
     * @param key the key file in PKCS #8, not encrypted
     */
    public record Identity(Path certificate, Path key) {

        public Identity {
            mustBeReadable("certificate for etcd", certificate);
            mustBeReadable("key for etcd", key);
        }
    }

    public EtcdTls {
        authorities.ifPresent(file -> mustBeReadable("etcd's certificate authority", file));
    }

    private static void mustBeReadable(String what, Path file) {
        if (!Files.isReadable(file)) {
            throw new IllegalArgumentException(
                    "The %s cannot be read: there is no readable file %s.".formatted(what, file));
        }
    }
}
