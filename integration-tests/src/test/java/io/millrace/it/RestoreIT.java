package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.client.MillraceClient;
import io.millrace.client.admin.BucketOperations.BucketObject;
import io.millrace.client.admin.BucketOperations.Condition;
import io.millrace.client.admin.BucketOperations.ObjectState;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.metadata.etcd.EtcdServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** etcd is lost and restored to a state of some checkpoints, merges and deletions ago. */
@Timeout(240)
class RestoreIT {

    private static final int BEFORE = 200;

    @TempDir Path folder;

    @Test
    void aRestoredBackupServesAllItsRecordsDespiteLaterMerges() throws Exception {
        Path data = folder.resolve("etcd");
        try (EtcdServer etcd = EtcdServer.start(data)) {
            EtcdBackup backup = new EtcdBackup(etcd, data, folder.resolve("saved"));
            try (MillraceProcess node = node(etcd);
                    MillraceClient client = MillraceClient.connect(node.address());
                    Producer producer = client.producer()) {
                client.topics().create("logs", 1, Map.of());
                for (int i = 0; i < BEFORE; i++) {
                    send(producer);
                }
                whileWritten(
                        producer,
                        "a checkpoint in the log manifest",
                        () -> stored("checkpoint-").size() > 1);
                // Before the backup, because merges continue while it is taken.
                Set<String> knownBlocks = new HashSet<>();
                whileWritten(
                        producer,
                        "a block that is not merged yet",
                        () -> knownBlocks.addAll(needed(client, "/wal/")));
                Set<String> knownCheckpoints = stored("checkpoint-");
                backup.take();
                whileWritten(
                        producer,
                        "merges of all blocks that the backup knows",
                        () -> needed(client, "/wal/").stream().noneMatch(knownBlocks::contains));
                Set<String> whenMerged = stored("checkpoint-");
                whileWritten(
                        producer,
                        "later checkpoints without them",
                        () -> {
                            Set<String> fresh = stored("checkpoint-");
                            fresh.removeAll(whenMerged);
                            return fresh.size() > 2;
                        });
                assertThat(stored("checkpoint-")).containsAll(knownCheckpoints);
                node.kill();
            }
            backup.restore("millrace");
            try (MillraceProcess node = node(etcd);
                    MillraceClient client = MillraceClient.connect(node.address())) {
                ManagedChannel channel = node.connect();
                assertThat(PartitionReader.all(channel, "logs", 0))
                        .hasSizeGreaterThanOrEqualTo(BEFORE);
                channel.shutdownNow();
                try (Producer producer = client.producer()) {
                    send(producer);
                }
                Eventually.await(
                        () ->
                                "only objects that the restored cluster needs: "
                                        + check(client, true),
                        () ->
                                check(client, true).stream()
                                        .allMatch(object ->
                                                object.status() == ObjectState.REFERENCED
                                                        || object.status() == ObjectState.METADATA
                                                        || object.status()
                                                                == ObjectState.IN_GRACE));
                assertThat(check(client, true))
                        .extracting(BucketObject::condition)
                        .containsOnly(Condition.SOUND);
            }
        }
    }

    private static void send(Producer producer) {
        producer.send(OutgoingRecord.of("logs", null, new byte[1_000])).join();
    }

    /**
     * Waits with writes in progress: the log is only sealed and checkpointed when entries are
     * appended.
     */
    private static void whileWritten(Producer producer, String what, BooleanSupplier so) {
        Eventually.await(
                what,
                () -> {
                    send(producer);
                    return so.getAsBoolean();
                });
    }

    /** Returns the objects that a record needs. */
    private static Set<String> needed(MillraceClient client, String part) {
        return check(client, false).stream()
                .filter(object -> object.status() == ObjectState.REFERENCED)
                .map(BucketObject::name)
                .filter(name -> name.contains(part))
                .collect(Collectors.toSet());
    }

    private static List<BucketObject> check(MillraceClient client, boolean verify) {
        List<BucketObject> all = new ArrayList<>();
        client.bucket().check(verify, all::add);
        return all;
    }

    /** Returns the files of the bucket whose name contains a text. */
    private Set<String> stored(String part) {
        return BucketFiles.pathsContaining(folder.resolve("bucket"), part).stream()
                .map(Path::toString)
                .collect(Collectors.toCollection(HashSet::new));
    }

    private MillraceProcess node(EtcdServer etcd) {
        return MillraceProcess.launchNode(
                        0,
                        Map.of(
                                "MILLRACE_RETENTION_INTERVAL_S", "1",
                                "MILLRACE_ORPHAN_INTERVAL_S", "1",
                                "MILLRACE_DELETE_GRACE_S", "1",
                                "MILLRACE_MERGE_DELAY_S", "1",
                                "MILLRACE_MERGE_BLOCKS_MIB", "1",
                                "MILLRACE_SEAL_AGE_S", "1",
                                "MILLRACE_NODE_LEASE_S", "2"),
                        "--etcd",
                        etcd.addresses(),
                        "--bucket",
                        "file:" + folder.resolve("bucket"))
                .awaitReady();
    }
}
