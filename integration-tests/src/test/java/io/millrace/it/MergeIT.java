package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.etcd.EtcdServer;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Blocks are merged and deleted, and cold extents are offloaded, under readers and writers, by
 * nodes that are killed meanwhile.
 */
@Tag(TestScale.FULL)
class MergeIT {

    private static final int KILLS = TestScale.count(1, 4);
    private static final Map<String, String> HASTY =
            Map.of(
                    "MILLRACE_MERGE_BLOCKS_MIB", "1",
                    "MILLRACE_MERGE_DELAY_S", "1",
                    "MILLRACE_MERGE_FAN_IN", "3",
                    "MILLRACE_SEGMENT_MIB", "1",
                    "MILLRACE_OFFLOAD_THRESHOLD_EXTENTS", "0",
                    "MILLRACE_RETENTION_INTERVAL_S", "1",
                    "MILLRACE_DELETE_GRACE_S", "2",
                    "MILLRACE_METADATA_RETENTION_S", "0",
                    "MILLRACE_SEAL_AGE_S", "1",
                    "MILLRACE_NODE_LEASE_S", "2");

    @TempDir Path folder;

    @Test
    void repeatedKillsOfTheCompactionNodeLoseNothing() throws Exception {
        try (EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"), 1)) {
            List<MillraceProcess> nodes =
                    new ArrayList<>(
                            MillraceProcess.allReady(
                                    List.of(
                                            launch(etcd, "ingest,fetch"),
                                            launch(etcd, "ingest,fetch"),
                                            launch(etcd, "compaction"),
                                            launch(etcd, "compaction"))));
            try (VerifyProcess verify =
                    VerifyProcess.startEndless(
                            nodes.get(0).address() + "," + nodes.get(1).address(),
                            "--producers",
                            "3",
                            "--rate",
                            "600k")) {
                for (int kill = 0; kill < KILLS; kill++) {
                    awaitNewSegments();
                    nodes.removeLast().kill();
                    nodes.addAll(2, MillraceProcess.allReady(List.of(launch(etcd, "compaction"))));
                }
                Set<Path> blocks = objects(",wal,");
                Eventually.await(
                        "old blocks to be deleted",
                        () -> objects(",wal,").stream().noneMatch(blocks::contains));
                VerifyProcess.Result result = verify.finish();
                result.assertAllIsThere();
                assertThat(objects(",man,")).as("manifests of cold extents").isNotEmpty();
                System.out.printf(
                        "MergeIT: %d kills, %d segments and %d blocks in the end: %s%n",
                        KILLS, objects(",seg,").size(), objects(",wal,").size(), result.out());
            } finally {
                nodes.forEach(MillraceProcess::close);
            }
        }
    }

    private void awaitNewSegments() {
        Set<Path> before = objects(",seg,");
        Eventually.await(
                "new segments",
                () -> {
                    Set<Path> now = new HashSet<>(objects(",seg,"));
                    now.removeAll(before);
                    return now.size() > 3;
                });
    }

    private MillraceProcess.Launched launch(EtcdServer etcd, String roles) {
        return MillraceProcess.launchNode(
                0,
                HASTY,
                "--etcd",
                etcd.addresses(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--roles",
                roles);
    }

    /** Returns the objects of one kind in the bucket. */
    private Set<Path> objects(String kind) {
        return Set.copyOf(BucketFiles.pathsContaining(folder.resolve("bucket"), kind));
    }
}
