package io.millrace.metadata.etcd.jetcd;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whom to trust and who to be on encrypted connections to etcd. All files are PEM; they are read
 * when the client is made.
 *
 * @param authorities who may have signed etcd's certificate; empty for those that Java trusts
 * @param identity this process's own, where etcd asks for one
 */
public record EtcdTls(Optional<Path> authorities, Optional<Identity> identity) {

    /**
     * A certificate and its key.
     *
     * @param key in PKCS #8, not encrypted
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
