package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.client.MillraceClient;
import io.millrace.client.admin.TopicOperations;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.metadata.etcd.EtcdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Retention of old records: one node stores and serves records, another runs compaction. */
class RetentionIT {

    private static final int LINES = 200;
    private static final TopicPartition PLACE = new TopicPartition("logs", 0);

    @TempDir Path folder;

    @Test
    void retentionAndTrimsDeleteRecordsAndObjectsAndReadersGetOutOfRange() throws Exception {
        try (EtcdServer etcd = EtcdServer.start(folder.resolve("etcd"), 1)) {
            List<MillraceProcess> nodes =
                    MillraceProcess.allReady(
                            List.of(launch(etcd, "ingest,fetch"), launch(etcd, "compaction")));
            try (MillraceClient client = MillraceClient.connect(nodes.getFirst().address())) {
                String server = nodes.getFirst().address();
                run(server, "topic", "create", "logs", "--config", "retention.ms=-1");
                produce(server, "old", LINES);
                assertThat(run(server, "consume", "logs", "--group", "g", "--max", "10").lines())
                        .hasSize(10);
                List<Path> old = blocks();

                run(server, "topic", "trim", "logs", "--to", "50");
                assertThat(partition(client).logStartOffset()).isEqualTo(50);
                assertThat(outOfRange(client, 0).logStartOffset()).isEqualTo(50);
                assertThat(run(server, "consume", "logs", "--from", "beginning").lines())
                        .hasSize(LINES - 50)
                        .startsWith("old 50");

                run(server, "topic", "set", "logs", "retention.ms=1");
                await(() -> partition(client).logStartOffset() == LINES);
                assertThat(outOfRange(client, 50).logStartOffset()).isEqualTo(LINES);
                assertThat(partition(client).sizeBytes()).isZero();
                run(server, "topic", "reset", "logs", "retention.ms");

                produce(server, "new", 5);
                assertThat(run(server, "consume", "logs", "--group", "g", "--max", "5"))
                        .as("the committed offset is below the log start, so the group starts over")
                        .isEqualTo("new 0\nnew 1\nnew 2\nnew 3\nnew 4\n");
                await(() -> old.stream().noneMatch(Files::exists));
                assertThat(run(server, "consume", "logs", "--from", "beginning").lines())
                        .hasSize(5);
                assertThat(blocks()).isNotEmpty();
            } finally {
                nodes.forEach(MillraceProcess::close);
            }
        }
    }

    private MillraceProcess.Launched launch(EtcdServer etcd, String roles) {
        return MillraceProcess.launchNode(
                0,
                Map.of(
                        "MILLRACE_RETENTION_INTERVAL_S", "1",
                        "MILLRACE_DELETE_GRACE_S", "1",
                        "MILLRACE_METADATA_RETENTION_S", "0",
                        "MILLRACE_SEAL_AGE_S", "1"),
                "--etcd",
                etcd.addresses(),
                "--bucket",
                "file:" + folder.resolve("bucket"),
                "--roles",
                roles);
    }

    private List<Path> blocks() {
        return BucketFiles.pathsContaining(folder.resolve("bucket"), ",wal,");
    }

    private void produce(String server, String word, int lines) throws IOException {
        List<String> text = new ArrayList<>();
        for (int i = 0; i < lines; i++) {
            text.add(word + " " + i);
        }
        Path file = Files.write(folder.resolve(word), text);
        run(server, "produce", "logs", "--file", file.toString());
    }

    private static TopicOperations.Partition partition(MillraceClient client) {
        return client.topics().describe("logs").partitions().getFirst();
    }

    private static MillraceException.OffsetOutOfRange outOfRange(
            MillraceClient client, long offset) {
        try (Reader reader =
                client.reader(
                        ReaderSettings.defaults(), Map.of(PLACE, StartPosition.offset(offset)))) {
            return catchThrowableOfType(
                    MillraceException.OffsetOutOfRange.class,
                    () -> reader.poll(Duration.ofSeconds(20)));
        }
    }

    private static void await(BooleanSupplier condition) {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean() && System.nanoTime() - endNanos < 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }

    private static String run(String server, String... arguments) {
        String[] all = Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--server";
        all[arguments.length + 1] = server;
        return MillraceCommandLine.run(all).ok().text();
    }
}
