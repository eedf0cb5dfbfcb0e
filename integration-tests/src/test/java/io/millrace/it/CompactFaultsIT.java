package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.BucketOperations.BucketObject;
import io.millrace.client.admin.BucketOperations.Condition;
import io.millrace.client.admin.BucketOperations.ObjectState;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.it.faults.Fault;
import io.millrace.it.faults.FaultPlan;
import io.millrace.it.faults.FaultProxy;
import io.millrace.it.faults.Speed;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.protocol.placement.Rendezvous;
import io.millrace.storage.TestScale;
import io.millrace.storage.object.UploadId;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Merges in several parts while the bucket fails, while a second job runs, and while their process
 * is killed. Every record reads the same, and no unneeded object is left in the bucket.
 */
@Timeout(240)
@Tag(TestScale.FULL)
class CompactFaultsIT {

    private static final int PARTITIONS = 2;
    private static final int RECORDS = 240;
    private static final int RECORD_BYTES = 100_000;

    private static final Map<String, String> HASTY =
            Map.of(
                    "AWS_ACCESS_KEY_ID", "local",
                    "AWS_SECRET_ACCESS_KEY", "local",
                    "MILLRACE_PROFILE", "latency",
                    "MILLRACE_HOT_CACHE_PERCENT", "0",
                    "MILLRACE_COLD_CACHE_PERCENT", "0",
                    "MILLRACE_METADATA_RETENTION_S", "0",
                    "MILLRACE_SEAL_AGE_S", "1",
                    "MILLRACE_NODE_LEASE_S", "2");

    /** Little memory, for a segment of several parts, which takes seconds. */
    private static final Map<String, String> MERGES =
            Map.of(
                    "MILLRACE_JAVA_OPTS", "-Xms128m -Xmx128m",
                    "MILLRACE_MERGE_MEMORY_PERCENT", "5",
                    "MILLRACE_INGEST_MEMORY_PERCENT", "5",
                    "MILLRACE_MERGE_DELAY_S", "1",
                    "MILLRACE_SEGMENT_MIB", "32",
                    "MILLRACE_MERGE_MIB_PER_S", "6",
                    "MILLRACE_UPLOAD_TIMEOUT_MS", "15000");

    private static final Map<String, String> CLEANS =
            Map.of(
                    "MILLRACE_RETENTION_INTERVAL_S", "1",
                    "MILLRACE_ORPHAN_INTERVAL_S", "1",
                    "MILLRACE_DELETE_GRACE_S", "1",
                    "MILLRACE_UPLOAD_GRACE_S", "1");

    @TempDir private static Path folder;
    private static EtcdServer etcd;
    private static SharedServers.Bucket s3;
    private static BucketInspector stored;
    private static MillraceProcess server;
    private static MillraceClient client;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"), 1);
        s3 = SharedServers.newBucket();
        stored = new BucketInspector(etcd, s3);
        server = node(HASTY, s3.endpoint(), "ingest,fetch");
        client = MillraceClient.connect(ClientSettings.of(server.address()).withoutDiscovery());
        channel = server.connect();
    }

    @AfterAll
    static void stop() throws Exception {
        channel.shutdownNow();
        client.close();
        server.close();
        stored.close();
        etcd.close();
    }

    @Test
    void failedPartsAreRetriedAndInterruptedUploadsAreRedone() throws Exception {
        List<String> records = written("failing");
        FaultPlan plan = new FaultPlan(1, Speed.UNCHANGED);
        try (FaultProxy proxy = FaultProxy.start(s3.endpoint(), plan);
                MillraceProcess merging =
                        node(all(HASTY, MERGES), proxy.endpoint(), "compaction")) {
            awaitAnotherUpload(List.of());
            List<UploadId> cutOff = stored.uploads();
            plan.inject(new Fault.HalfOpen(), 1);
            Eventually.await("a merge to be given up", () -> failures(merging) > 0);
            plan.heal();
            assertThat(stored.uploads())
                    .as("an upload that no process could abort")
                    .containsAll(cutOff);

            awaitAnotherUpload(cutOff);
            long givenUp = failures(merging);
            for (Fault passing : List.of(Fault.internalError(), new Fault.Reset())) {
                long met = plan.faults();
                plan.injectIntoAll("PUT", passing);
                Eventually.await(passing + " to parts", () -> plan.faults() >= met + 2);
                plan.heal();
            }
            Set<String> before = stored.objects("/seg/");
            plan.injectIntoAll("POST", new Fault.LostReply());
            Eventually.await("a completion", () -> !stored.objects("/seg/").equals(before));
            plan.heal();
            proxy.resetAll();

            awaitMerged();
            assertThat(failures(merging)).as(merging::errors).isEqualTo(givenUp);
            assertThat(stored.objects("/seg/")).hasSize(before.size() + 1);
        }
        assertThat(read("failing")).isEqualTo(records);
        awaitOnlyNeededObjects();
    }

    @Test
    void twoConcurrentJobsWithTheSameInputsBothSucceed() throws Exception {
        List<String> records = written("shared");
        String owner = ownerAmong("a", "b");
        Map<String, String> slow = all(MERGES, Map.of("MILLRACE_MERGE_MIB_PER_S", "1"));
        try (CompactJob first = job(owner.equals("a") ? "b" : "a", slow)) {
            awaitAnotherUpload(List.of());
            try (CompactJob second = job(owner, MERGES)) {
                Eventually.await("both in an upload", () -> stored.uploads().size() == 2);
                assertThat(first.await().ok().text()).contains("Segments written: 1");
                assertThat(second.await().ok().text()).contains("Segments written: 1");
            }
        }
        assertThat(read("shared")).isEqualTo(records);
        awaitOnlyNeededObjects();
    }

    @Test
    void aRerunCompletesTheWorkOfAStoppedOrKilledJob() throws Exception {
        List<String> records = written("stopped");
        try (CompactJob stopped = job("job", MERGES)) {
            awaitAnotherUpload(List.of());
            MillraceCommandLine.Result result = stopped.terminate();
            assertThat(result.exit()).as(result.err()).isEqualTo(1);
            assertThat(result.err()).contains("run the command again");
        }
        List<UploadId> before = stored.uploads();
        try (CompactJob killed = job("job", MERGES)) {
            awaitAnotherUpload(before);
        }
        assertThat(stored.uploads()).as("started by the killed process").hasSize(before.size() + 1);
        assertThat(read("stopped")).isEqualTo(records);
        Map<String, String> fast = all(MERGES, Map.of("MILLRACE_MERGE_MIB_PER_S", "0"));
        try (CompactJob again = job("job", fast)) {
            assertThat(again.await().ok().text()).contains("Segments written: 1");
        }
        assertThat(read("stopped")).isEqualTo(records);
        awaitOnlyNeededObjects();
    }

    /** Writes a topic and returns its records as {@link #read} does. */
    private static List<String> written(String topic) {
        client.topics().create(topic, PARTITIONS, Map.of());
        SplittableRandom random = new SplittableRandom(topic.hashCode());
        try (Producer producer = client.producer()) {
            for (int i = 0; i < RECORDS; i++) {
                byte[] value = new byte[RECORD_BYTES];
                random.nextBytes(value);
                var unused =
                        producer.send(
                                OutgoingRecord.of(topic, null, value)
                                        .withPartition(i % PARTITIONS));
            }
            producer.flush();
        }
        List<String> records = read(topic);
        assertThat(records).hasSize(RECORDS);
        return records;
    }

    /** Returns partition, offset and checksum of each record of a topic. */
    private static List<String> read(String topic) {
        return IntStream.range(0, PARTITIONS)
                .boxed()
                .flatMap(partition ->
                        PartitionReader.all(channel, topic, partition).stream()
                                .map(record -> partition + " " + described(record)))
                .toList();
    }

    private static String described(KafkaBatches.Read record) {
        CRC32C crc = new CRC32C();
        crc.update(record.value());
        return record.offset() + " " + Long.toHexString(crc.getValue());
    }

    /** Waits until a merge is in the middle of a multipart upload. */
    private static void awaitAnotherUpload(List<UploadId> before) {
        Eventually.await(
                "a multipart upload",
                () -> stored.uploads().stream().anyMatch(object -> !before.contains(object)));
    }

    private static void awaitMerged() {
        Eventually.await(
                () -> "merges of all blocks: " + check(false),
                () -> check(false).stream().noneMatch(CompactFaultsIT::isBlockInUse));
    }

    private static boolean isBlockInUse(BucketObject object) {
        return object.name().contains("/wal/") && object.status() == ObjectState.REFERENCED;
    }

    private static void awaitOnlyNeededObjects() {
        try (MillraceProcess cleaning = node(all(HASTY, CLEANS), s3.endpoint(), "compaction")) {
            Eventually.await(
                    () -> "no unneeded objects: " + check(false) + cleaning.errors(),
                    () -> check(false).stream().allMatch(CompactFaultsIT::isNeeded));
        }
        assertThat(stored.objects("/wal/")).isEmpty();
        assertThat(check(true)).allMatch(object -> object.condition() == Condition.SOUND);
        assertThat(stored.uploads()).isEmpty();
    }

    private static boolean isNeeded(BucketObject object) {
        return object.condition() == Condition.SOUND
                && (object.status() == ObjectState.REFERENCED
                        || object.status() == ObjectState.METADATA);
    }

    private static List<BucketObject> check(boolean verify) {
        List<BucketObject> all = new ArrayList<>();
        client.bucket().check(verify, all::add);
        return all;
    }

    private static long failures(MillraceProcess merging) {
        return Meters.sum(merging, "millrace_merge_failures_total");
    }

    /** Returns the node that owns the server's blocks among the given nodes. */
    private static String ownerAmong(String... nodes) {
        String[] block = stored.objects("/wal/").first().split("/");
        long writer = Long.parseUnsignedLong(block[block.length - 2], 16);
        return Rendezvous.first(Set.of(nodes), writer).orElseThrow();
    }

    private static CompactJob job(String id, Map<String, String> merges) {
        return CompactJob.start(
                all(all(HASTY, merges), Map.of("MILLRACE_NODE_ID", id)), at(s3.endpoint()));
    }

    private static MillraceProcess node(Map<String, String> environment, URI bucket, String roles) {
        return MillraceProcess.node(
                0,
                environment,
                Stream.concat(at(bucket).stream(), Stream.of("--roles", roles))
                        .toArray(String[]::new));
    }

    private static List<String> at(URI bucket) {
        return List.of(
                "--etcd",
                etcd.addresses(),
                "--bucket",
                s3.url(),
                "--s3-endpoint",
                bucket.toString());
    }

    private static Map<String, String> all(Map<String, String> some, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(some);
        all.putAll(more);
        return all;
    }
}
