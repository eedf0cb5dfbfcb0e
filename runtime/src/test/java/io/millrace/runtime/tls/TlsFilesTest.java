package io.millrace.runtime.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFilesTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");
    private static final TestAuthority.Issued ISSUED =
            AUTHORITY.issue("node", "localhost", "127.0.0.1");

    @TempDir Path folder;

    @Test
    void aCertificateItsKeyAndAuthoritiesAreRead() {
        TlsMaterial material = files().read().parse();

        TlsIdentity own = material.own().orElseThrow();
        assertThat(own.certificate()).isEqualTo(ISSUED.certificate());
        assertThat(own.key()).isEqualTo(ISSUED.key());
        assertThat(own.expiry()).isEqualTo(ISSUED.certificate().getNotAfter().toInstant());
        assertThat(material.authorities()).containsExactly(AUTHORITY.certificate());
    }

    @Test
    void aChainAndSeveralAuthoritiesMayShareAFile() throws IOException {
        TlsFiles files = files();
        append(folder.resolve("node.crt"), TestAuthority.pem(AUTHORITY.certificate()));
        append(
                folder.resolve("ca.crt"),
                TestAuthority.pem(new TestAuthority("second").certificate()));

        TlsMaterial material = files.read().parse();

        assertThat(material.own().orElseThrow().chain())
                .containsExactly(ISSUED.certificate(), AUTHORITY.certificate());
        assertThat(material.authorities()).hasSize(2);
    }

    @Test
    void contentIsComparedByBytes() {
        TlsFiles.Content before = files().read();
        assertThat(files().read().equalsContent(before)).isTrue();

        AUTHORITY.issue("node", "localhost").writeTo(folder, "node");

        assertThat(files(false).read().equalsContent(before)).isFalse();
    }

    @Test
    void aKeyOfAnotherCertificateIsRefused() throws IOException {
        TlsFiles files = files();
        AUTHORITY.issue("other").writeTo(folder, "other");
        Files.copy(folder.resolve("other.key"), replaced("node.key"));

        refused(files, "node.key is not the key of the certificate in");
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        TlsFiles files = files();
        Files.delete(folder.resolve("node.key"));

        assertThatThrownBy(files::read)
                .isInstanceOf(TlsFileException.class)
                .hasMessageContaining("node.key does not exist");
    }

    @Test
    void aFileThatIsTooLargeIsNotRead() throws IOException {
        TlsFiles files = files();
        Files.write(folder.resolve("ca.crt"), new byte[TlsFiles.MAX_FILE_BYTES + 1]);

        assertThatThrownBy(files::read)
                .isInstanceOf(TlsFileException.class)
                .hasMessageContaining("ca.crt is larger than 1 MiB");
    }

    @Test
    void malformedFilesAreRefusedByName() throws IOException {
        TlsFiles files = files();
        Files.writeString(folder.resolve("ca.crt"), "");
        refused(files, "ca.crt has no certificate");
        Files.writeString(
                folder.resolve("ca.crt"),
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        refused(files, "ca.crt has no certificate");
    }

    @Test
    void anEncryptedKeyIsRefusedWithTheAction() throws IOException {
        TlsFiles files = files();
        Files.writeString(
                folder.resolve("node.key"),
                TestAuthority.pem("ENCRYPTED PRIVATE KEY", new byte[99]));

        refused(files, "encrypted key: remove the password");
    }

    @Test
    void theOlderFormsOfKeysAreRead() throws Exception {
        KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();

        assertThat(parse("RSA PRIVATE KEY", inner(rsa.getPrivate().getEncoded())))
                .isEqualTo(rsa.getPrivate());
        assertThat(((ECPrivateKey) parse("EC PRIVATE KEY", sec1(ISSUED.key()))).getS())
                .isEqualTo(((ECPrivateKey) ISSUED.key()).getS());
        KeyPair edwards = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        assertThat(parse("PRIVATE KEY", edwards.getPrivate().getEncoded()))
                .isEqualTo(edwards.getPrivate());
    }

    @Test
    void damagedKeysAreRefusedAndNeverRead() throws Exception {
        byte[] key = sec1(ISSUED.key());
        SplittableRandom random = new SplittableRandom(1);
        TlsFiles files = files();
        for (int i = 0; i < 500; i++) {
            byte[] damaged = Arrays.copyOf(key, random.nextInt(key.length + 1));
            for (int flips = 0; flips < 3 && damaged.length > 0; flips++) {
                damaged[random.nextInt(damaged.length)] ^= (byte) (1 + random.nextInt(255));
            }
            Files.writeString(
                    folder.resolve("node.key"), TestAuthority.pem("EC PRIVATE KEY", damaged));
            assertThatThrownBy(() -> files.read().parse())
                    .as("length %d", damaged.length)
                    .isInstanceOf(TlsFileException.class);
        }
    }

    @Test
    void noTextShowsAKey() {
        TlsMaterial material = files().read().parse();

        assertThat(material.own().orElseThrow()).hasToString("TlsIdentity[CN=node]");
    }

    private static PrivateKey parse(String type, byte[] der) throws Exception {
        return PemKey.parse(TestAuthority.pem(type, der).getBytes(US_ASCII));
    }

    /** Returns the key inside of PKCS #8. */
    private static byte[] inner(byte[] pkcs8) throws Exception {
        ByteBuffer content = Der.read(ByteBuffer.wrap(pkcs8), Der.SEQUENCE);
        Der.read(content, Der.INTEGER);
        Der.read(content, Der.SEQUENCE);
        ByteBuffer key = Der.read(content, Der.OCTET_STRING);
        byte[] bytes = new byte[key.remaining()];
        key.get(bytes);
        return bytes;
    }

    /** Returns a key with its curve, as OpenSSL writes it. */
    private static byte[] sec1(PrivateKey key) throws Exception {
        ByteBuffer content = Der.read(ByteBuffer.wrap(inner(key.getEncoded())), Der.SEQUENCE);
        Der.read(content, Der.INTEGER);
        ByteBuffer secret = Der.read(content, Der.OCTET_STRING);
        byte[] bytes = new byte[secret.remaining()];
        secret.get(bytes);
        byte[] p256 = {Der.OBJECT_ID, 8, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 3, 1, 7};
        return Der.element(
                Der.SEQUENCE,
                new byte[] {Der.INTEGER, 1, 1},
                Der.element(Der.OCTET_STRING, bytes),
                Der.element(0xa0, p256));
    }

    private static void refused(TlsFiles files, String message) {
        assertThatThrownBy(() -> files.read().parse())
                .isInstanceOf(TlsFileException.class)
                .hasMessageContaining(message)
                .hasMessageEndingWith(".");
    }

    private Path replaced(String name) throws IOException {
        Files.delete(folder.resolve(name));
        return folder.resolve(name);
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, Files.readString(file) + text);
    }

    private TlsFiles files() {
        return files(true);
    }

    private TlsFiles files(boolean write) {
        TlsFiles.CertificateFiles own =
                write
                        ? ISSUED.writeTo(folder, "node")
                        : new TlsFiles.CertificateFiles(
                                folder.resolve("node.crt"), folder.resolve("node.key"));
        return new TlsFiles(
                Optional.of(own), Optional.of(AUTHORITY.writeTo(folder.resolve("ca.crt"))));
    }
}
