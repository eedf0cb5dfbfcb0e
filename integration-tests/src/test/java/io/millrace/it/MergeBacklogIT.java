package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.metadata.etcd.EtcdServer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Without merges, producers are held back before the metadata exceed the nodes' memory. They
 * continue when merges do.
 */
class MergeBacklogIT {

    private static final String STALL = "has acknowledged nothing";
    private static final String BACKLOG = "millrace_ingest_backlog";

    @TempDir Path folder;

    @Test
    void producersWaitForMergesAndContinueWithThem() throws Exception {
        try (EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"), 1);
                MillraceProcess server =
                        node(etcd, "ingest,fetch", Map.of("MILLRACE_MAX_EXTENTS", "200"));
                MillraceClient client = MillraceClient.connect(server.address());
                VerifyProcess verify = VerifyProcess.startEndless(server.address())) {
            Eventually.await("a backlog", () -> Meters.sum(server, BACKLOG) >= 1);
            Eventually.await("a stall", () -> verify.errors().contains(STALL));
            try (MillraceProcess merging =
                    node(
                            etcd,
                            "compaction",
                            Map.of(
                                    "MILLRACE_MERGE_BLOCKS_MIB", "1",
                                    "MILLRACE_MERGE_DELAY_S", "1",
                                    "MILLRACE_MERGE_FAN_IN", "2"))) {
                Eventually.await("merges", () -> Meters.sum(server, BACKLOG) < 1);
                long then = stored(client);
                Eventually.await("producers to go on", () -> stored(client) > then + 1_000);
                VerifyProcess.Result result = verify.finish();
                result.assertAllIsThere();
                assertThat(result.err()).contains(STALL);
                assertThat(merging.errors()).doesNotContain("ERROR");
            }
        }
    }

    private static long stored(MillraceClient client) {
        return client.topics().list().stream()
                .flatMap(topic -> client.topics().describe(topic.name()).partitions().stream())
                .mapToLong(partition -> partition.highWatermark())
                .sum();
    }

    private MillraceProcess node(EtcdServer etcd, String roles, Map<String, String> environment) {
        return MillraceProcess.node(
                0,
                environment,
                "--etcd",
                etcd.addresses(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--roles",
                roles);
    }
}
