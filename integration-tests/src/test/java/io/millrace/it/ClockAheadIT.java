package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.it.LinkedCluster.Node;
import io.millrace.metadata.etcd.DebianPackage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One node believes that it is tomorrow. The library libfaketime tells it so: that of the system
 * where it is installed, else that of Debian's package.
 */
class ClockAheadIT {

    private static final String LIBRARY = "faketime/libfaketime.so.1";
    private static final long BACK_WITHIN_SECONDS = 30;

    @TempDir Path folder;
    private LinkedCluster cluster;

    @BeforeEach
    void start() throws Exception {
        cluster = LinkedCluster.start(folder, 1);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void aNodeWhoseClockIsADayAheadLosesNothingAndTakesOverAsAnyOther() throws Exception {
        // It is the older one, and so it leads.
        Node right = cluster.node(0);
        Node ahead =
                cluster.add(
                        Map.of(
                                "LD_PRELOAD", library().toString(),
                                "FAKETIME", "+1d",
                                "DONT_FAKE_MONOTONIC", "1",
                                // Against a fault of an old glibc. Here it lets timed waits end
                                // at once, and every thread that waits spins.
                                "FAKETIME_FORCE_MONOTONIC_FIX", "0"));
        assertThat(Meters.sum(ahead.process(), "process_start_time_seconds"))
                .as("when the node believes that it was started")
                .isGreaterThan(Instant.now().plus(Duration.ofHours(23)).getEpochSecond());

        try (VerifyProcess verify =
                        VerifyProcess.startEndless(cluster.addresses(), "--rate", "100k");
                Probe probe = new Probe(ahead.process().address())) {
            probe.store();
            right.kill();
            long killedNanos = System.nanoTime();
            long before = cluster.archivedEpochs();
            probe.store();
            LinkedCluster.await("sealing", () -> cluster.archivedEpochs() > before + 1);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killedNanos);
            right.start();
            try (Probe other = new Probe(right.process().address())) {
                other.store();
            }
            VerifyProcess.Result result = verify.finish();
            System.out.printf(
                    "ClockAheadIT: the node of tomorrow stored and sealed %d ms after the other one was killed%n%s%s",
                    millis, result.err(), result.out());
            assertThat(result.exit()).as(result.toString()).isZero();
            assertThat(millis).isLessThan(TimeUnit.SECONDS.toMillis(BACK_WITHIN_SECONDS));
        }
    }

    private static Path library() throws Exception {
        List<String> whyNot = new ArrayList<>();
        Optional<Path> installed = in(Path.of("/"));
        if (installed.isPresent()) {
            return installed.get();
        }
        Optional<Path> unpacked = DebianPackage.unpacked("libfaketime", whyNot);
        return unpacked.isPresent() ? in(unpacked.get()).orElseThrow() : fail(whyNot);
    }

    private static Path fail(List<String> whyNot) {
        throw new IllegalStateException(
                "This test needs libfaketime: install it, or run the test on Debian or Ubuntu after 'apt-get update'. What was tried: "
                        + whyNot);
    }

    private static Optional<Path> in(Path root) throws Exception {
        Path libraries = root.resolve("usr/lib");
        if (!Files.isDirectory(libraries)) {
            return Optional.empty();
        }
        try (Stream<Path> platforms = Files.list(libraries)) {
            return platforms
                    .map(platform -> platform.resolve(LIBRARY))
                    .filter(Files::isRegularFile)
                    .findFirst();
        }
    }
}
