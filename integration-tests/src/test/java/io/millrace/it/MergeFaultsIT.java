package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.grpc.ManagedChannel;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.BucketOperations.BucketObject;
import io.millrace.client.admin.BucketOperations.Condition;
import io.millrace.client.admin.BucketOperations.ObjectState;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.storage.TestScale;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Merges into an S3 bucket by nodes that are killed and paused during merges, of topics that change
 * meanwhile. No record is lost, and no unneeded object is left in the bucket.
 */
@Tag(TestScale.FULL)
@Timeout(600)
class MergeFaultsIT {

    private static final int KILLS = 4;
    private static final int PARTITIONS = 4;
    private static final String TOPIC = "kept";

    private static final Map<String, String> HASTY =
            Map.of(
                    "AWS_ACCESS_KEY_ID", "local",
                    "AWS_SECRET_ACCESS_KEY", "local",
                    "MILLRACE_PROFILE", "economy",
                    "MILLRACE_RETENTION_INTERVAL_S", "1",
                    "MILLRACE_ORPHAN_INTERVAL_S", "1",
                    "MILLRACE_DELETE_GRACE_S", "2",
                    "MILLRACE_UPLOAD_GRACE_S", "20",
                    "MILLRACE_METADATA_RETENTION_S", "0",
                    "MILLRACE_SEAL_AGE_S", "1",
                    "MILLRACE_NODE_LEASE_S", "2");

    /** Little memory, for segments of several parts, which take seconds. */
    private static final Map<String, String> MERGES =
            Map.of(
                    "MILLRACE_JAVA_OPTS", "-Xms128m -Xmx128m",
                    "MILLRACE_MERGE_MEMORY_PERCENT", "5",
                    "MILLRACE_INGEST_MEMORY_PERCENT", "5",
                    "MILLRACE_HOT_CACHE_PERCENT", "0",
                    "MILLRACE_COLD_CACHE_PERCENT", "0",
                    "MILLRACE_MERGE_BLOCKS_MIB", "24",
                    "MILLRACE_MERGE_DELAY_S", "5",
                    "MILLRACE_MERGE_FAN_IN", "2",
                    "MILLRACE_SEGMENT_MIB", "32",
                    "MILLRACE_MERGE_MIB_PER_S", "6");

    @TempDir Path folder;
    private EtcdServer etcd;
    private SharedServers.Bucket s3;
    private BucketInspector stored;
    private final List<MillraceProcess> nodes = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        etcd = EtcdServer.start(folder.resolve("etcd"), 1);
        s3 = SharedServers.newBucket();
        stored = new BucketInspector(etcd, s3);
    }

    @AfterEach
    void stop() throws Exception {
        nodes.forEach(MillraceProcess::close);
        stored.close();
        etcd.close();
    }

    @Test
    void faultsOfTheCompactionNodeLoseNoRecordAndLeaveNoOrphan() throws Exception {
        nodes.addAll(
                MillraceProcess.allReady(
                        List.of(
                                launch("ingest,fetch", HASTY),
                                launch("fetch", HASTY),
                                launch("compaction", merging()))));
        MillraceProcess server = nodes.get(0);
        MillraceProcess lagging = nodes.get(1);
        try (MillraceClient client =
                MillraceClient.connect(ClientSettings.of(server.address()).withoutDiscovery())) {
            client.topics().create(TOPIC, PARTITIONS, Map.of());
            VerifyProcess.Result verified;
            try (VerifyProcess verify =
                    VerifyProcess.startEndless(
                            server.address(), "--pinned", "--topic", TOPIC, "--rate", "1500k")) {
                ManagedChannel channel = lagging.connect();
                Eventually.await("records", () -> highWatermark(client) > 100);
                assertThat(PartitionReader.fetch(channel, TOPIC, 0, 0).hasError()).isFalse();
                TreeSet<String> old = stored.objects("/wal/");
                lagging.pause();
                for (int kill = 0; kill < KILLS; kill++) {
                    topicsChange(client, kill);
                    await(kill % 2 == 0);
                    nodes.removeLast().kill();
                    assertThat(stored.missingForRestore()).isEmpty();
                    nodes.add(launch("compaction", merging()).awaitReady());
                }
                anotherNodeCompletesAPausedMerge();
                Eventually.await(
                        "old blocks to be deleted",
                        () -> stored.objects("/wal/").stream().noneMatch(old::contains));
                assertThat(stored.missingForRestore()).isEmpty();
                lagging.resume();
                for (int partition = 0; partition < PARTITIONS; partition++) {
                    assertThat(PartitionReader.all(channel, TOPIC, partition)).isNotEmpty();
                }
                channel.shutdownNow();
                verified = verify.finish();
            }
            verified.assertAllIsThere();
            List<String> hurt = damage(client);
            awaitOnlyNeededObjects(client, hurt);
            System.out.printf(
                    "MergeFaultsIT: %d kills, %d segments and %d uploads in the end: %s",
                    KILLS, stored.objects("/seg/").size(), stored.uploads().size(), verified.out());
        }
    }

    /** Waits until a merge is in the middle of an upload, or has just completed one. */
    private void await(boolean upload) {
        TreeSet<String> before = stored.objects("/seg/");
        List<?> open = stored.uploads();
        Eventually.await(
                upload ? "a multipart upload" : "a new segment",
                () ->
                        upload
                                ? stored.uploads().stream()
                                        .anyMatch(object -> !open.contains(object))
                                : !before.containsAll(stored.objects("/seg/")));
    }

    /**
     * Creates, extends and deletes topics and shortens their retention, each during another change.
     */
    private static void topicsChange(MillraceClient client, int turn) {
        String topic = "changing" + turn;
        client.topics().create(topic, 2, Map.of());
        try (Producer producer = client.producer()) {
            for (int i = 0; i < 500; i++) {
                producer.send(OutgoingRecord.of(topic, null, new byte[1_000]));
            }
            producer.flush();
        }
        if (turn > 0) {
            client.topics().addPartitions("changing" + (turn - 1), 5);
            client.topics()
                    .configure("changing" + (turn - 1), Map.of("retention.ms", "1"), Set.of());
        }
        if (turn > 1) {
            client.topics().delete("changing" + (turn - 2));
        }
    }

    /** Checks that another node completes the work of a node that is paused during a merge. */
    private void anotherNodeCompletesAPausedMerge() {
        await(true);
        MillraceProcess asleep = nodes.getLast();
        asleep.pause();
        nodes.add(launch("compaction", merging()).awaitReady());
        await(false);
        asleep.resume();
        await(false);
    }

    /**
     * Deletes one block and changes another. Merges must name both and continue with all others.
     */
    private List<String> damage(MillraceClient client) {
        while (nodes.size() > 2) {
            nodes.removeLast().kill();
        }
        client.topics().create("hurt", 1, Map.of());
        List<String> blocks = new ArrayList<>();
        try (Producer producer = client.producer()) {
            for (int i = 0; i < 4; i++) {
                TreeSet<String> before = stored.objects("/wal/");
                byte[] value = ("record " + i).getBytes(StandardCharsets.UTF_8);
                producer.send(OutgoingRecord.of("hurt", null, value)).join();
                TreeSet<String> now = stored.objects("/wal/");
                now.removeAll(before);
                blocks.addAll(now);
            }
        }
        assertThat(blocks).hasSize(4);
        stored.flip(blocks.get(0));
        stored.delete(blocks.get(1));
        MillraceProcess merging = launch("compaction", merging()).awaitReady();
        nodes.add(merging);
        Eventually.await(
                "the damage to be noticed",
                () -> Meters.sum(merging, "millrace_merge_damaged_total") == 2);
        List<String> hurt = blocks.subList(0, 2);
        // A damaged object is counted first and logged later.
        Eventually.await(
                () -> "the names of " + hurt + ": " + merging.errors(),
                () ->
                        hurt.stream()
                                .map(name -> name.substring(name.indexOf("wal/")))
                                .allMatch(merging.errors()::contains));
        return hurt;
    }

    private void awaitOnlyNeededObjects(MillraceClient client, List<String> hurt) {
        Eventually.await(
                () -> "merges of all that is sound: " + stored.objects("/wal/"),
                () -> stored.objects("/wal/").equals(Set.of(hurt.get(0))));
        Eventually.await(
                () -> "no unneeded objects: " + check(client, false),
                () ->
                        check(client, false).stream()
                                .filter(object -> !hurt.contains(object.name()))
                                .allMatch(MergeFaultsIT::isNeeded));
        assertThat(check(client, true))
                .filteredOn(object -> object.condition() != Condition.SOUND)
                .extracting(BucketObject::name, BucketObject::condition)
                .containsExactlyInAnyOrder(
                        tuple(hurt.get(0), Condition.DAMAGED),
                        tuple(hurt.get(1), Condition.MISSING));
    }

    private static boolean isNeeded(BucketObject object) {
        return object.condition() == Condition.SOUND
                && (object.status() == ObjectState.REFERENCED
                        || object.status() == ObjectState.METADATA);
    }

    private static List<BucketObject> check(MillraceClient client, boolean verify) {
        List<BucketObject> all = new ArrayList<>();
        client.bucket().check(verify, all::add);
        return all;
    }

    private static long highWatermark(MillraceClient client) {
        return client.topics().describe(TOPIC).partitions().getFirst().highWatermark();
    }

    private static Map<String, String> merging() {
        Map<String, String> all = new HashMap<>(HASTY);
        all.putAll(MERGES);
        return all;
    }

    private MillraceProcess.Launched launch(String roles, Map<String, String> environment) {
        return MillraceProcess.launchNode(
                0,
                environment,
                "--etcd",
                etcd.addresses(),
                "--bucket",
                s3.url(),
                "--s3-endpoint",
                s3.endpoint().toString(),
                "--roles",
                roles);
    }
}
