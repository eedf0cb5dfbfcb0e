package io.millrace.metadata.etcd;

import io.millrace.runtime.SystemAccess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The etcd program for tests: from its Docker image if Docker is available, otherwise from the
 * PATH, otherwise from Debian's package, unpacked under {@code target/}. The program of the Docker
 * image also runs as a plain process, so that tests can stop and kill it.
 */
@SystemAccess("runs other programs")
final class EtcdBinary {

    private static final String IMAGE = "quay.io/coreos/etcd:v3.5.21";

    private interface Source {
        Optional<Path> find(List<String> whyNot) throws IOException, InterruptedException;
    }

    private static final Object ONE_AT_A_TIME = new Object();
    private static Optional<Path> found = Optional.empty();

    private EtcdBinary() {}

    /** Returns the program. The failure message says which software to install. */
    static Path find() throws IOException, InterruptedException {
        synchronized (ONE_AT_A_TIME) {
            List<String> whyNot = new ArrayList<>();
            List<Source> sources =
                    List.of(EtcdBinary::ofDocker, EtcdBinary::onThePath, EtcdBinary::ofDebian);
            for (Source source : sources) {
                found = found.isPresent() ? found : source.find(whyNot);
            }
            return found.orElseThrow(() ->
                    new IllegalStateException(
                            "These tests need etcd: start Docker, or put etcd 3.4 or newer on the PATH, or run them on Debian or Ubuntu after 'apt-get update'. What was tried: "
                                    + whyNot));
        }
    }

    private static Optional<Path> ofDocker(List<String> whyNot) throws IOException {
        if (!System.getProperty("os.name").equals("Linux")) {
            whyNot.add("the program in the Docker image runs on Linux only");
            return Optional.empty();
        }
        if (!DockerClientFactory.instance().isDockerAvailable()) {
            whyNot.add("no Docker daemon answers");
            return Optional.empty();
        }
        Path program = folder().resolve("docker-" + IMAGE.replaceAll(".*:", "")).resolve("etcd");
        if (!Files.isExecutable(program)) {
            Files.createDirectories(program.getParent());
            Path copy = Files.createTempFile(program.getParent(), "etcd", ".copying");
            try (GenericContainer<?> container =
                    new GenericContainer<>(DockerImageName.parse(IMAGE))) {
                container.start();
                container.copyFileFromContainer("/usr/local/bin/etcd", copy.toString());
            } catch (RuntimeException failure) {
                whyNot.add("Docker has no image " + IMAGE + ": " + failure.getMessage());
                return Optional.empty();
            }
            if (!copy.toFile().setExecutable(true)) {
                throw new IOException(copy + " cannot be made executable");
            }
            Files.move(copy, program, StandardCopyOption.REPLACE_EXISTING);
        }
        return Optional.of(program);
    }

    private static Optional<Path> onThePath(List<String> whyNot) {
        Optional<Path> program =
                Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                        .map(folder -> Path.of(folder, "etcd"))
                        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                        .findFirst();
        if (program.isEmpty()) {
            whyNot.add("no etcd is on the PATH");
        }
        return program;
    }

    private static Optional<Path> ofDebian(List<String> whyNot)
            throws IOException, InterruptedException {
        return DebianPackage.unpacked("etcd-server", whyNot)
                .map(unpacked -> unpacked.resolve("usr/bin/etcd"));
    }

    private static Path folder() {
        return DebianPackage.target().resolve("etcd");
    }
}
