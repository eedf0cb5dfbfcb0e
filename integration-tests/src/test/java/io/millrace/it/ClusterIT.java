package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.DescribeGroupRequest;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.protocol.v1.GroupsGrpc;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Nodes of a cluster, each a process, on an etcd cluster of three and one bucket. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterIT {

    private static final int PARTITIONS = 4;
    private static final int PACE = 100;
    private static final int KILLS = TestScale.count(2, 6);
    private static final String LIFE_S = "2";
    private static final Duration AWAY =
            TestScale.duration(Duration.ofSeconds(12), Duration.ofSeconds(30));

    /** Longer than the timeout of a node's request to etcd. */
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(15);

    @TempDir static Path folder;
    private EtcdServer etcd;
    private final List<MillraceProcess> nodes = new ArrayList<>();
    private int topics;
    private String topic = "";

    @BeforeAll
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"), 3);
        nodes.addAll(MillraceProcess.allReady(List.of(launch(0), launch(1))));
    }

    @BeforeEach
    void createTopic() {
        topic = "t" + ++topics;
        nodes.getFirst().createTopic(topic, PARTITIONS);
    }

    @AfterAll
    void stop() throws Exception {
        nodes.forEach(MillraceProcess::close);
        etcd.close();
    }

    private MillraceProcess.Launched launch(int number) {
        return MillraceProcess.launchNode(
                0,
                Map.of("MILLRACE_NODE_LEASE_S", LIFE_S),
                "--etcd",
                etcd.addresses(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--node-id",
                "n" + number);
    }

    @Test
    void killedNodesCauseNoLossOrDuplicate() {
        long seed = TestScale.seed(ClusterIT.class);
        SplittableRandom random = new SplittableRandom(seed);
        ManagedChannel first = nodes.getFirst().connect();
        IdempotentWriter writer = new IdempotentWriter(first, topic, PARTITIONS);
        first.shutdownNow();
        for (int kill = 0; kill < KILLS; kill++) {
            int turn = kill % nodes.size();
            MillraceProcess node = nodes.get(turn);
            ManagedChannel channel = node.connect();
            writer.write(channel, 1 + random.nextInt(200), node::kill);
            channel.shutdownNow();
            ManagedChannel other = nodes.get((turn + 1) % nodes.size()).connect();
            writer.write(other, 50, other::shutdownNow);
            other.shutdownNow();
            nodes.set(turn, launch(turn).awaitReady());
        }
        ManagedChannel last = nodes.getFirst().connect();
        writer.write(last, 0, () -> {});
        last.shutdownNow();
        for (MillraceProcess node : nodes) {
            ManagedChannel channel = node.connect();
            for (int p = 0; p < PARTITIONS; p++) {
                List<KafkaBatches.Read> records = PartitionReader.all(channel, topic, p);
                assertThat(records).as("seed %d", seed).hasSize(writer.begun(p));
                for (int i = 0; i < records.size(); i++) {
                    assertThat(new String(records.get(i).value(), UTF_8))
                            .as("seed %d, partition %d, record %d", seed, p, i)
                            .isEqualTo(IdempotentWriter.value(p, i));
                    assertThat(records.get(i).offset()).isEqualTo(i);
                    assertThat(writer.acknowledged(p).get(i)).isIn((long) i, -1L);
                }
            }
            channel.shutdownNow();
        }
    }

    @Test
    void aNodePausedBeyondItsLeaseRejoinsWithoutLoss() throws Exception {
        MillraceProcess sleeper = nodes.get(1);
        MillraceProcess awake = nodes.get(0);
        ManagedChannel channel = sleeper.connect();
        try (PatientWriter writer = new PatientWriter(channel, topic, PARTITIONS, PACE)) {
            await("load", () -> writer.acknowledgements() > PACE);
            int saidBefore = sleeper.errors().length();
            int receivedBefore = awake.errors().length();
            sleeper.pause();
            await(
                    "a verdict",
                    () ->
                            awake.errors()
                                    .substring(receivedBefore)
                                    .contains("was closed, because its node is dead"));
            long before = writer.acknowledgements();
            long resumedNanos = System.nanoTime();
            sleeper.resume();
            await("service", () -> writer.acknowledgements() > before + PACE);
            System.out.printf(
                    "ClusterIT: a node that slept past its lease serves again after %d ms%n",
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - resumedNanos));
            assertThat(sleeper.errors().substring(saidBefore)).contains("declared this node dead");
            writer.finish();
            ManagedChannel other = awake.connect();
            writer.checkStored(other);
            other.shutdownNow();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void serviceRecoversWithEtcd() throws Exception {
        ManagedChannel channel = nodes.getFirst().connect();
        ManagedChannel other = nodes.get(1).connect();
        try (PatientWriter writer = new PatientWriter(channel, topic, PARTITIONS, PACE);
                TailReader reader = new TailReader(other, topic, PARTITIONS)) {
            await("load", () -> writer.acknowledgements() > PACE);
            long servedNanos = System.nanoTime();
            outage("etcd's leader is killed", writer, () -> etcd.leader().kill(), () -> {});
            long delivered = reader.next(0);
            await("delivery", () -> reader.next(0) > delivered);
            etcd.kill();
            long awayNanos = System.nanoTime();
            long known = reader.next(0);
            mustServe(other, known);
            mustReportUnavailable(other);
            await(
                    "end of the outage",
                    () ->
                            nanosSince(awayNanos) >= AWAY.toNanos()
                                    && staleSeconds() >= AWAY.toSeconds());
            mustServe(other, known);
            assertThat(staleSeconds())
                    .isLessThanOrEqualTo(TimeUnit.NANOSECONDS.toSeconds(nanosSince(servedNanos)));
            long awayMillis = TimeUnit.NANOSECONDS.toMillis(nanosSince(awayNanos));
            outage(
                    "all etcd servers were down for %d ms".formatted(awayMillis),
                    writer,
                    () -> {},
                    etcd::restart);
            writer.finish();
            // The other node may still catch up with the log.
            await(
                    "delivery of everything",
                    () ->
                            delivered(reader)
                                    >= writer.acknowledgements() * PatientWriter.RECORDS_PER_BATCH);
            writer.checkStored(other);
            assertThat(reader.next(0)).isGreaterThan(known);
        } finally {
            channel.shutdownNow();
            other.shutdownNow();
        }
    }

    private static long delivered(TailReader reader) {
        return IntStream.range(0, PARTITIONS).mapToLong(reader::next).sum();
    }

    /** Returns the time since the second node received anything from etcd, by its own metric. */
    private long staleSeconds() {
        return Meters.sum(nodes.get(1), "millrace_metadata_stale_seconds");
    }

    /** Checks that the node serves the first and the last record that it knows. */
    private void mustServe(ManagedChannel channel, long known) {
        for (long offset : new long[] {0, known - 1}) {
            FetchedPartition fetched = PartitionReader.fetch(channel, topic, 0, offset);
            assertThat(fetched.hasError()).as(fetched.getError().toString()).isFalse();
            assertThat(KafkaBatches.read(fetched.getBatches()))
                    .extracting(KafkaBatches.Read::offset)
                    .contains(offset);
        }
    }

    /**
     * Checks that the node answers requests that need etcd with a retriable error, within the
     * timeout.
     */
    private void mustReportUnavailable(ManagedChannel channel) throws Exception {
        long askedNanos = System.nanoTime();
        List<Problem> problems = new ArrayList<>();
        try (ExecutorService atOnce = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Callable<Optional<Problem>>> asked =
                    List.of(
                            () -> rejection(channel, "nowhere", 0, 0),
                            () -> rejection(channel, topic, PARTITIONS, 0),
                            () -> rejection(channel, topic, 0, Long.MAX_VALUE / 2),
                            () -> rejectionOfAGroup(channel));
            for (Future<Optional<Problem>> rejected : atOnce.invokeAll(asked)) {
                problems.add(rejected.get().orElseThrow());
            }
        }
        System.out.printf(
                "ClusterIT: without etcd, unknown state is answered after %d ms: %s%n",
                TimeUnit.NANOSECONDS.toMillis(nanosSince(askedNanos)), problems.getFirst());
        assertThat(problems).extracting(Problem::reason).containsOnly(Reason.METADATA_UNAVAILABLE);
        assertThat(problems).allMatch(Problem::retriable);
        assertThat(nanosSince(askedNanos)).isLessThan(ANSWERED_WITHIN.toNanos());
    }

    private static Optional<Problem> rejection(
            ManagedChannel channel, String topic, int partition, long offset) {
        return Problem.fromStatus(
                PartitionReader.fetch(channel, topic, partition, offset).getError());
    }

    private static Optional<Problem> rejectionOfAGroup(ManagedChannel channel) {
        try {
            DescribeGroupRequest request =
                    DescribeGroupRequest.newBuilder().setGroup("nobody").build();
            throw new AssertionError(GroupsGrpc.newBlockingStub(channel).describeGroup(request));
        } catch (StatusRuntimeException rejected) {
            return Optional.ofNullable(StatusProto.fromThrowable(rejected))
                    .flatMap(Problem::fromStatus);
        }
    }

    private static long nanosSince(long nanos) {
        return System.nanoTime() - nanos;
    }

    private interface Step {
        void happen() throws Exception;
    }

    private static void outage(String what, PatientWriter writer, Step away, Step back)
            throws Exception {
        away.happen();
        long before = writer.acknowledgements();
        back.happen();
        long backNanos = System.nanoTime();
        await("service", () -> writer.acknowledgements() > before + PACE);
        System.out.printf(
                "ClusterIT: %s; 100 batches later after %d ms%n",
                what, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - backNanos));
    }

    private static void await(String what, BooleanSupplier condition) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - endNanos > 0) {
                throw new AssertionError("no " + what + " in 60 s");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
        }
    }
}
