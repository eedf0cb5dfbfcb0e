package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.millrace.client.MillraceClient;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.producer.Producer;
import io.millrace.client.record.OutgoingRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cluster whose nodes do not compact, and a compaction job that runs from time to time. */
class CompactOnceIT {

    private static final int ROUNDS = 4;

    @TempDir Path folder;

    @Test
    void aJobRunsDueMergesAndKeepsAllRecords() throws Exception {
        try (FolderCluster cluster = FolderCluster.empty(folder, FolderCluster.SHORT_LIFE)) {
            cluster.roles("a", "ingest,fetch").start("a");
            String server = cluster.node("a").address();
            run("topic", "create", "logs", "--server", server).ok();
            for (int i = 0; i < ROUNDS; i++) {
                Path file = Files.write(folder.resolve("round" + i), lines(i));
                run("produce", "logs", "--file", file.toString(), "--server", server).ok();
            }
            String before = consumed(server);
            assertThat(before.lines()).hasSize(100 * ROUNDS);
            assertThat(objects(server)).contains("segment\t0").doesNotContain("wal block\t0");

            assertThat(compact(cluster).text()).contains("Segments written: 1");
            assertThat(objects(server)).contains("wal block\t0", "segment\t1");
            assertThat(consumed(server)).isEqualTo(before);
            assertThat(compact(cluster).text()).contains("Segments written: 0");
        }
    }

    @Test
    void keyCompactionKeepsOnlyTheNewestRecordOfEachKey() throws Exception {
        try (FolderCluster cluster = FolderCluster.empty(folder, FolderCluster.SHORT_LIFE)) {
            cluster.roles("a", "ingest,fetch").start("a");
            String server = cluster.node("a").address();
            run("topic", "create", "keys", "--config", "cleanup.policy=compact", "--server", server)
                    .ok();
            for (int i = 0; i < ROUNDS; i++) {
                Path file = Files.write(folder.resolve("round" + i), keyed(i));
                run(
                                "produce",
                                "keys",
                                "--file",
                                file.toString(),
                                "--key-separator",
                                ":",
                                "--server",
                                server)
                        .ok();
            }
            assertThat(values(server)).hasSize(100 * ROUNDS);
            assertThat(compact(cluster).text()).contains("Segments written: 2");
            assertThat(values(server)).hasSize(100).allMatch(line -> line.startsWith("3 of"));
            assertThat(compact(cluster).text()).contains("Segments written: 0");
        }
    }

    @Test
    void aJobReportsADamagedObjectAndMergesAllOthers() throws Exception {
        try (FolderCluster cluster = FolderCluster.empty(folder, FolderCluster.SHORT_LIFE)) {
            cluster.roles("a", "ingest,fetch").start("a");
            MillraceProcess node = cluster.node("a");
            node.createTopic("logs", 1);
            try (MillraceClient client =
                            MillraceClient.connect(
                                    ClientSettings.of(node.address()).withoutDiscovery());
                    Producer producer = client.producer()) {
                for (int i = 0; i < ROUNDS; i++) {
                    byte[] value = ("record " + i).getBytes(UTF_8);
                    producer.send(OutgoingRecord.of("logs", null, value)).join();
                    if (i == 0) {
                        FlippedByte.flipBit(onlyBlock(), 60);
                    }
                }
            }

            MillraceCommandLine.Result job = compactOnce(cluster);

            assertThat(job.exit()).as(job.text() + job.err()).isEqualTo(1);
            assertThat(job.err())
                    .contains("1 objects are missing, damaged or unreadable")
                    .contains("wal/");
            assertThat(job.text()).contains("Segments written: 1");
            assertThat(objects(node.address())).contains("wal block\t1", "segment\t1");
        }
    }

    private Path onlyBlock() {
        return BucketFiles.pathsContaining(folder.resolve("bucket"), ",wal,").stream()
                .reduce((first, second) -> fail("two blocks: " + first + " and " + second))
                .orElseThrow();
    }

    private static List<String> keyed(int round) {
        return IntStream.range(0, 100)
                .mapToObj(i -> "key %d:%d of %d".formatted(i, round, i))
                .toList();
    }

    private static List<String> values(String server) {
        return run("consume", "keys", "--server", server).ok().text().lines().toList();
    }

    private MillraceCommandLine.Result compact(FolderCluster cluster) {
        return compactOnce(cluster).ok();
    }

    private MillraceCommandLine.Result compactOnce(FolderCluster cluster) {
        return MillraceCommandLine.runProcess(
                Map.of("MILLRACE_MERGE_DELAY_S", "1"),
                "compact",
                "--once",
                "--etcd",
                cluster.etcd.addresses(),
                "--cluster",
                cluster.name(),
                "--bucket",
                "file:" + folder.resolve("bucket"));
    }

    private static List<String> lines(int round) {
        return IntStream.range(0, 100).mapToObj(i -> round + " " + i).toList();
    }

    private static String consumed(String server) {
        return run("consume", "logs", "--server", server).ok().text();
    }

    private static String objects(String server) {
        return run("cost", "--server", server).ok().text();
    }

    private static MillraceCommandLine.Result run(String... arguments) {
        return MillraceCommandLine.run(arguments);
    }
}
