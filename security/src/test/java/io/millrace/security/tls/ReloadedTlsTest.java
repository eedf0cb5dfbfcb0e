package io.millrace.security.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.runtime.tls.TestAuthority;
import io.millrace.runtime.tls.TlsFileException;
import io.millrace.runtime.tls.TlsFiles;
import io.millrace.runtime.tls.TlsMaterial;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReloadedTlsTest {

    private static final TestAuthority AUTHORITY = new TestAuthority("authority");

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final TestAuthority.Issued first = AUTHORITY.issue("first");
    private final TestAuthority.Issued second = AUTHORITY.issue("second");

    @TempDir Path folder;

    private TlsFiles files;

    @BeforeEach
    void write() {
        files = new TlsFiles(Optional.of(first.writeTo(folder, "tls")), Optional.empty());
    }

    private ReloadedTls<BigInteger> start() {
        return ReloadedTls.start(
                files, ReloadedTlsTest::serial, loop, Runnable::run, registry, "grpc");
    }

    private static BigInteger serial(TlsMaterial material) {
        return material.own().orElseThrow().certificate().getSerialNumber();
    }

    private static BigInteger serial(TestAuthority.Issued issued) {
        return issued.certificate().getSerialNumber();
    }

    private void afterTheInterval() {
        loop.advance(ReloadedTls.INTERVAL);
    }

    @Test
    void changedFilesAreLoaded() {
        ReloadedTls<BigInteger> tls = start();
        assertThat(tls.get()).isEqualTo(serial(first));

        second.writeTo(folder, "tls");
        afterTheInterval();

        assertThat(tls.get()).isEqualTo(serial(second));
        assertThat(reloads("loaded")).isEqualTo(1);
        afterTheInterval();
        assertThat(reloads("loaded")).isEqualTo(1);
    }

    /** Kubernetes writes a Secret into a new folder and replaces the link to the folder. */
    @Test
    void filesBehindAReplacedLinkAreLoaded() throws IOException {
        Path one = Files.createDirectory(folder.resolve("one"));
        Path two = Files.createDirectory(folder.resolve("two"));
        first.writeTo(one, "tls");
        second.writeTo(two, "tls");
        Path link = Files.createSymbolicLink(folder.resolve("data"), one);
        files =
                new TlsFiles(
                        Optional.of(
                                new TlsFiles.CertificateFiles(
                                        link.resolve("tls.crt"), link.resolve("tls.key"))),
                        Optional.empty());
        ReloadedTls<BigInteger> tls = start();

        Path next = Files.createSymbolicLink(folder.resolve("next"), two);
        Files.move(next, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        afterTheInterval();

        assertThat(tls.get()).isEqualTo(serial(second));
    }

    @Test
    void unusableFilesAreRefusedOnceAndTheContextsStay() throws IOException {
        ReloadedTls<BigInteger> tls = start();

        Files.writeString(folder.resolve("tls.crt"), "no certificate");
        afterTheInterval();
        afterTheInterval();

        assertThat(tls.get()).isEqualTo(serial(first));
        assertThat(reloads("refused")).isEqualTo(1);
        second.writeTo(folder, "tls");
        afterTheInterval();
        assertThat(tls.get()).isEqualTo(serial(second));
    }

    @Test
    void filesThatAreMissingForAWhileChangeNothing() throws IOException {
        ReloadedTls<BigInteger> tls = start();

        Files.delete(folder.resolve("tls.key"));
        afterTheInterval();

        assertThat(tls.get()).isEqualTo(serial(first));
        assertThat(reloads("refused")).isEqualTo(1);
    }

    @Test
    void certificatesThatTheLibraryRejectsAreRefused() {
        ReloadedTls<BigInteger> tls =
                ReloadedTls.start(
                        files,
                        material -> {
                            if (serial(material).equals(serial(second))) {
                                throw new SSLException("no common algorithm");
                            }
                            return serial(material);
                        },
                        loop,
                        Runnable::run,
                        registry,
                        "grpc");

        second.writeTo(folder, "tls");
        afterTheInterval();

        assertThat(tls.get()).isEqualTo(serial(first));
        assertThat(reloads("refused")).isEqualTo(1);
    }

    @Test
    void aServerDoesNotStartWithUnusableFiles() throws IOException {
        Files.delete(folder.resolve("tls.key"));

        assertThatThrownBy(this::start)
                .isInstanceOf(TlsFileException.class)
                .hasMessageContaining("tls.key");
    }

    @Test
    void theExpiryIsExported() {
        start();

        assertThat(registry.get("millrace.tls.certificate.expiry").gauge().value())
                .isEqualTo(first.certificate().getNotAfter().getTime() / 1000.0);
    }

    private double reloads(String result) {
        return registry.get("millrace.tls.reloads").tag("result", result).counter().count();
    }
}
