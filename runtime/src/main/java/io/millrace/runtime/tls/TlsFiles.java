package io.millrace.runtime.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The PEM files that hold the {@link TlsMaterial} of one side of a connection.
 *
 * @param own the certificate and the key of this side
 * @param trust the certificate authorities of the other side; empty for those of the JVM
 */
public record TlsFiles(Optional<CertificateFiles> own, Optional<Path> trust) {

    /** No file of certificates is larger, in bytes. */
    static final int MAX_FILE_BYTES = 1 << 20;

    /**
     * The files of a certificate.
     *
     * @param certificate the certificate, followed by its intermediate certificates
     * @param key the key in PKCS #8, PKCS #1 or SEC 1, not encrypted
     */
    public record CertificateFiles(Path certificate, Path key) {}

    /**
     * Reads the files.
     *
     * @throws TlsFileException if a file is missing, unreadable or too large
     */
    public Content read() {
        return new Content(
                this,
                own.map(files -> bytes(files.certificate())),
                own.map(files -> bytes(files.key())),
                trust.map(TlsFiles::bytes));
    }

    private static byte[] bytes(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new TlsFileException(
                        file,
                        "is larger than 1 MiB, the maximum size of certificate files: check the path.");
            }
            return bytes;
        } catch (NoSuchFileException missing) {
            throw new TlsFileException(file, "does not exist: check the path, or create the file.");
        } catch (IOException unreadable) {
            throw new TlsFileException(
                    file,
                    "cannot be read (%s): check its permissions."
                            .formatted(unreadable.getClass().getSimpleName()));
        }
    }

    /** The bytes of the files at one time. Immutable. */
    public static final class Content {

        private final TlsFiles files;
        private final Optional<byte[]> certificate;
        private final Optional<byte[]> key;
        private final Optional<byte[]> trust;

        private Content(
                TlsFiles files,
                Optional<byte[]> certificate,
                Optional<byte[]> key,
                Optional<byte[]> trust) {
            this.files = files;
            this.certificate = certificate;
            this.key = key;
            this.trust = trust;
        }

        /** Returns whether the files have the same bytes as at another time. */
        public boolean equalsContent(Content other) {
            return same(certificate, other.certificate)
                    && same(key, other.key)
                    && same(trust, other.trust);
        }

        private static boolean same(Optional<byte[]> one, Optional<byte[]> other) {
            return Arrays.equals(one.orElse(new byte[0]), other.orElse(new byte[0]));
        }

        /**
         * Returns the failure of a TLS library that rejects the certificates.
         *
         * @param cause the message of the library
         */
        public TlsFileException unusable(String cause) {
            Path file =
                    files.own
                            .map(CertificateFiles::certificate)
                            .or(() -> files.trust)
                            .orElse(Path.of(""));
            return new TlsFileException(
                    file, "cannot be used for TLS (%s): check the certificates.".formatted(cause));
        }

        /**
         * Parses the files.
         *
         * @throws TlsFileException if a file is malformed, or the key does not belong to the
         *     certificate
         */
        public TlsMaterial parse() {
            return new TlsMaterial(
                    files.own.map(own -> identity(own, certificate.get(), key.get())),
                    files.trust.map(file -> certificates(file, trust.get())).orElse(List.of()));
        }
    }

    private static TlsIdentity identity(CertificateFiles files, byte[] certificate, byte[] key) {
        List<X509Certificate> chain = certificates(files.certificate(), certificate);
        PrivateKey secret;
        try {
            secret = PemKey.parse(key);
        } catch (GeneralSecurityException malformed) {
            throw new TlsFileException(files.key(), String.valueOf(malformed.getMessage()));
        }
        TlsIdentity identity = new TlsIdentity(secret, chain);
        try {
            if (!identity.isConsistent()) {
                throw new TlsFileException(
                        files.key(),
                        "is not the key of the certificate in %s: replace both files together."
                                .formatted(files.certificate()));
            }
        } catch (GeneralSecurityException unsupported) {
            throw new TlsFileException(
                    files.key(),
                    "has a key that Java cannot use for TLS: use a key of type EC, RSA or Ed25519.");
        }
        return identity;
    }

    private static List<X509Certificate> certificates(Path file, byte[] pem) {
        try {
            List<X509Certificate> certificates =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(pem))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!certificates.isEmpty()) {
                return certificates;
            }
        } catch (CertificateException malformed) {
            // Reported below; the message of the exception does not help an operator.
        }
        throw new TlsFileException(
                file,
                "has no certificate, or a malformed one: it must be PEM (BEGIN CERTIFICATE).");
    }
}
