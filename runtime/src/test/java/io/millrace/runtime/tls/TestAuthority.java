package io.millrace.runtime.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.runtime.SystemAccess;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;

/** A certificate authority of a test, which issues certificates with EC keys. Thread-safe. */
@SystemAccess("certificates are valid by the system clock")
public final class TestAuthority {

    private static final Duration DAY = Duration.ofDays(1);
    private static final AtomicLong SERIAL = new AtomicLong(1);
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final int BIT_STRING = 0x03;
    private static final int UTF8_STRING = 0x0c;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SET = 0x31;
    private static final int DNS_NAME = 0x82;
    private static final int IP_ADDRESS = 0x87;
    private static final int VERSION = 0xa0;
    private static final int EXTENSIONS = 0xa3;

    private static final byte[] TRUE = {1, 1, (byte) 0xff};
    private static final byte[] VERSION_3 = {Der.INTEGER, 1, 2};
    private static final byte[] ECDSA_WITH_SHA256 =
            Der.element(Der.SEQUENCE, id(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
    private static final byte[] COMMON_NAME = id(0x55, 4, 3);
    private static final byte[] SUBJECT_ALTERNATIVE_NAMES = id(0x55, 0x1d, 0x11);
    private static final byte[] BASIC_CONSTRAINTS = id(0x55, 0x1d, 0x13);

    private final String name;
    private final KeyPair keys = newKeys();
    private final X509Certificate certificate;

    /** Creates an authority with a new key. */
    public TestAuthority(String name) {
        this.name = name;
        Signer itself = new Signer(name, keys.getPrivate());
        byte[] authority =
                extension(BASIC_CONSTRAINTS, TRUE, octets(Der.element(Der.SEQUENCE, TRUE)));
        this.certificate = itself.sign(name, keys, Instant.now().plus(DAY), authority);
    }

    /** A certificate of a test with its key. */
    public record Issued(X509Certificate certificate, PrivateKey key) {

        /** Writes NAME.crt and NAME.key into a folder, replacing existing files. */
        public TlsFiles.CertificateFiles writeTo(Path folder, String name) {
            return new TlsFiles.CertificateFiles(
                    write(folder.resolve(name + ".crt"), pem(certificate)),
                    write(folder.resolve(name + ".key"), pem("PRIVATE KEY", key.getEncoded())));
        }
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** Writes the certificate of the authority into a file, replacing an existing one. */
    public Path writeTo(Path file) {
        return write(file, pem(certificate));
    }

    /**
     * Issues a certificate that is valid for a day.
     *
     * @param subject the common name
     * @param names the host names and IP addresses
     */
    public Issued issue(String subject, String... names) {
        return new Signer(name, keys.getPrivate())
                .issue(subject, newKeys(), Instant.now().plus(DAY), names);
    }

    /** Issues a certificate that expired an hour ago. */
    public Issued issueExpired(String subject, String... names) {
        return new Signer(name, keys.getPrivate())
                .issue(subject, newKeys(), Instant.now().minus(Duration.ofHours(1)), names);
    }

    /** Returns a certificate that is signed by its own key. */
    public static Issued selfSigned(String subject, String... names) {
        KeyPair own = newKeys();
        return new Signer(subject, own.getPrivate())
                .issue(subject, own, Instant.now().plus(DAY), names);
    }

    private record Signer(String name, PrivateKey key) {

        Issued issue(String subject, KeyPair own, Instant expiry, String... names) {
            return new Issued(sign(subject, own, expiry, namesOf(names)), own.getPrivate());
        }

        X509Certificate sign(String subject, KeyPair own, Instant expiry, byte[] extension) {
            byte[] content =
                    Der.element(
                            Der.SEQUENCE,
                            Der.element(VERSION, VERSION_3),
                            Der.element(
                                    Der.INTEGER,
                                    BigInteger.valueOf(SERIAL.getAndIncrement()).toByteArray()),
                            ECDSA_WITH_SHA256,
                            distinguishedName(name),
                            Der.element(
                                    Der.SEQUENCE,
                                    time(expiry.minus(DAY.multipliedBy(2))),
                                    time(expiry)),
                            distinguishedName(subject),
                            own.getPublic().getEncoded(),
                            Der.element(EXTENSIONS, Der.element(Der.SEQUENCE, extension)));
            try {
                Signature signature = Signature.getInstance("SHA256withECDSA");
                signature.initSign(key);
                signature.update(content);
                byte[] signed =
                        Der.element(
                                Der.SEQUENCE,
                                content,
                                ECDSA_WITH_SHA256,
                                Der.element(BIT_STRING, new byte[1], signature.sign()));
                return (X509Certificate)
                        CertificateFactory.getInstance("X.509")
                                .generateCertificate(new ByteArrayInputStream(signed));
            } catch (GeneralSecurityException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    private static byte[] namesOf(String... names) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String name : names) {
            all.writeBytes(
                    name.matches("[0-9.]+|.*:.*")
                            ? Der.element(IP_ADDRESS, address(name))
                            : Der.element(DNS_NAME, name.getBytes(US_ASCII)));
        }
        return extension(
                SUBJECT_ALTERNATIVE_NAMES, octets(Der.element(Der.SEQUENCE, all.toByteArray())));
    }

    private static byte[] address(String literal) {
        return InetAddress.ofLiteral(literal).getAddress();
    }

    private static byte[] extension(byte[]... parts) {
        return Der.element(Der.SEQUENCE, parts);
    }

    private static byte[] octets(byte[] content) {
        return Der.element(Der.OCTET_STRING, content);
    }

    private static byte[] distinguishedName(String commonName) {
        byte[] attribute =
                Der.element(
                        Der.SEQUENCE,
                        COMMON_NAME,
                        Der.element(UTF8_STRING, commonName.getBytes(UTF_8)));
        return Der.element(Der.SEQUENCE, Der.element(SET, attribute));
    }

    private static byte[] time(Instant time) {
        return Der.element(GENERALIZED_TIME, TIME.format(time).getBytes(US_ASCII));
    }

    private static byte[] id(int... bytes) {
        byte[] content = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            content[i] = (byte) bytes[i];
        }
        return Der.element(Der.OBJECT_ID, content);
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static Path write(Path file, String text) {
        try {
            return Files.writeString(file, text);
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    static String pem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    static String pem(String type, byte[] der) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n".formatted(type, body);
    }
}
