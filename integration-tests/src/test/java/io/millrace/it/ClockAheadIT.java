package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.subscription.SubscriptionSettings;
import io.millrace.it.LinkedCluster.Node;
import io.millrace.metadata.etcd.DebianPackage;
import io.millrace.storage.TestScale;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node whose clock is a day ahead stores, leads and coordinates as any other. The clock is set
 * with the library libfaketime: that of the system if installed, else that of Debian's package.
 */
@Tag(TestScale.FULL)
class ClockAheadIT {

    private static final String LIBRARY = "faketime/libfaketime.so.1";
    private static final long BACK_WITHIN_SECONDS = 60;
    private static final int PARTITIONS = 2;
    private static final TopicPartition FIRST = new TopicPartition("t", 0);

    /** A group of the node with the right clock, while that node is alive. */
    private static final String GROUP = FolderCluster.groupOf("n0", Set.of("n0", "n1"));

    private static final String JUMPING = FolderCluster.groupOf("n1", Set.of("n0", "n1"));

    /** Successive offsets of the clock; never an hour behind the timestamps of the producer. */
    private static final List<Duration> JUMPS =
            List.of(
                    Duration.ofHours(3),
                    Duration.ofMinutes(-50),
                    Duration.ofDays(2),
                    Duration.ofMinutes(-1),
                    Duration.ofSeconds(10),
                    Duration.ZERO);

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
    void aNodeWithAClockADayAheadTakesOverWithoutLoss() throws Exception {
        // The older node leads.
        Node right = cluster.node(0);
        Node ahead = cluster.add(faked("+1d"));
        assertThat(Meters.sum(ahead.process(), "process_start_time_seconds"))
                .as("start time by the clock of the node")
                .isGreaterThan(Instant.now().plus(Duration.ofHours(23)).getEpochSecond());

        try (VerifyProcess verify =
                        VerifyProcess.startEndless(cluster.addresses(), "--rate", "100k");
                Probe probe = new Probe(ahead.process().address());
                MillraceClient client = MillraceClient.connect(cluster.addresses());
                SteadyWriter writer = writer(client);
                GatedMember member = new GatedMember(client, settings(GROUP));
                GatedMember other = new GatedMember(client, settings(GROUP))) {
            probe.store();
            LinkedCluster.await(
                    "members",
                    () ->
                            member.assignedPartitions().size() == 1
                                    && other.assignedPartitions().size() == 1);
            assertThat(coordinator(client, GROUP)).isEqualTo("n0");
            assertThat(client.groups().commit("without-members", Map.of(FIRST, 1L))).isEmpty();
            right.kill();
            long killedNanos = System.nanoTime();
            long before = cluster.archivedEpochs();
            probe.store();
            LinkedCluster.await("sealing", () -> cluster.archivedEpochs() > before + 1);
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - killedNanos);
            LinkedCluster.await("coordination", () -> coordinator(client, GROUP).equals("n1"));
            right.start();
            try (Probe back = new Probe(right.process().address())) {
                back.store();
            }
            int[] ends = writer.ends();
            LinkedCluster.await(
                    "commits of everything", () -> Arrays.equals(committed(client, GROUP), ends));
            assertThat(member.lostPartitions()).isEmpty();
            assertThat(other.lostPartitions()).isEmpty();
            assertThat(committed(client, "without-members")).containsExactly(1);
            VerifyProcess.Result result = verify.finish();
            System.out.printf(
                    "ClockAheadIT: the node with the clock ahead stored and sealed %d ms after the kill of the other node%n%s%s",
                    millis, result.err(), result.out());
            assertThat(result.exit()).as(result.toString()).isZero();
            assertThat(millis).isLessThan(TimeUnit.SECONDS.toMillis(BACK_WITHIN_SECONDS));
        }
    }

    @Test
    void clockJumpsOfTheCoordinatorDoNotAffectMembers() throws Exception {
        Path time = Files.writeString(folder.resolve("time"), "+0");
        Map<String, String> variables = new HashMap<>(faked("+0"));
        variables.remove("FAKETIME");
        variables.put("FAKETIME_TIMESTAMP_FILE", time.toString());
        variables.put("FAKETIME_NO_CACHE", "1");
        Node jumps = cluster.add(variables);
        try (MillraceClient client = MillraceClient.connect(cluster.addresses());
                SteadyWriter writer = writer(client);
                MillraceClient there = MillraceClient.connect(onlyAt(jumps));
                Producer producer = there.producer();
                GatedMember member = new GatedMember(client, settings(JUMPING));
                GatedMember other = new GatedMember(client, settings(JUMPING))) {
            LinkedCluster.await(
                    "members",
                    () ->
                            member.assignedPartitions().size() == 1
                                    && other.assignedPartitions().size() == 1);
            assertThat(coordinator(client, JUMPING)).isEqualTo("n1");
            assertThat(client.groups().commit("without-members", Map.of(FIRST, 1L))).isEmpty();
            for (Duration jump : JUMPS) {
                Files.writeString(time, "%+d".formatted(jump.toSeconds()));
                LinkedCluster.await(
                        "a clock that is wrong by " + jump,
                        () -> ahead(producer).minus(jump).abs().toSeconds() < 5);
                int[] before = committed(client, JUMPING);
                LinkedCluster.await(
                        "commits after " + jump,
                        () -> {
                            int[] now = committed(client, JUMPING);
                            return IntStream.range(0, PARTITIONS)
                                    .allMatch(i -> now[i] > before[i] + 2_000);
                        });
            }
            int[] ends = writer.ends();
            LinkedCluster.await(
                    "commits of everything", () -> Arrays.equals(committed(client, JUMPING), ends));
            assertThat(coordinator(client, JUMPING)).isEqualTo("n1");
            assertThat(member.lostPartitions()).isEmpty();
            assertThat(other.lostPartitions()).isEmpty();
            assertThat(member.assignedPartitions()).hasSize(1);
            assertThat(committed(client, "without-members")).containsExactly(1);
        }
    }

    private static ClientSettings onlyAt(Node node) {
        return ClientSettings.of(node.process().address()).withoutDiscovery();
    }

    /** Returns how far the clock of the producer's node is ahead. */
    private static Duration ahead(Producer producer) {
        long storedMs =
                producer.send(OutgoingRecord.of("t", null, new byte[1])).join().appendTimeMs();
        return Duration.between(Instant.now(), Instant.ofEpochMilli(storedMs));
    }

    private static Map<String, String> faked(String time) throws Exception {
        return Map.of(
                "LD_PRELOAD", library().toString(),
                "FAKETIME", time,
                "DONT_FAKE_MONOTONIC", "1",
                // Far less than the clock is ahead.
                "MILLRACE_GROUP_OFFSETS_RETENTION_S", "3600",
                // Disables a workaround for an old glibc, with which timed waits return at once and
                // every waiting thread spins.
                "FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }

    private static SteadyWriter writer(MillraceClient client) {
        client.topics().create("t", PARTITIONS, Map.of());
        return new SteadyWriter(client, "t", PARTITIONS);
    }

    private static SubscriptionSettings settings(String group) {
        return SubscriptionSettings.of(group, List.of("t"))
                .commitEvery(Duration.ofMillis(100))
                .build();
    }

    private static String coordinator(MillraceClient client, String group) {
        return client.groups().describe(group).summary().coordinator();
    }

    private static int[] committed(MillraceClient client, String group) {
        return client.groups().describe(group).partitions().stream()
                .mapToInt(each -> Math.toIntExact(each.committed().orElse(-1)))
                .toArray();
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
                "This test needs libfaketime: install it, or run the test on Debian or Ubuntu after 'apt-get update'. Tried: "
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
