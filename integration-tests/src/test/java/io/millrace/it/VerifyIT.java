package io.millrace.it;

import static io.millrace.it.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.admin.TopicOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code millrace verify} with records that retention and key compaction remove, and with damaged
 * records.
 */
class VerifyIT {

    @TempDir Path folder;

    @Test
    void removalByRetentionAndKeyCompactionIsNotReportedAsLoss() {
        Map<String, String> hasty =
                Map.of(
                        "MILLRACE_RETENTION_INTERVAL_S", "1",
                        "MILLRACE_MERGE_BLOCKS_MIB", "1",
                        "MILLRACE_MERGE_DELAY_S", "1",
                        "MILLRACE_MERGE_FAN_IN", "2");
        try (MillraceProcess server = MillraceProcess.up(folder.resolve("data"), hasty);
                MillraceClient client = MillraceClient.connect(server.address())) {
            TopicOperations topics = client.topics();
            topics.create("short", 2, Map.of("retention.bytes", "500000"));
            topics.create(
                    "keys",
                    2,
                    Map.of("cleanup.policy", "compact", "min.cleanable.dirty.ratio", "0.01"));
            try (VerifyProcess ofShort =
                            VerifyProcess.startEndless(
                                    server.address(), "--topic", "short", "--rate", "300k");
                    VerifyProcess ofKeys =
                            VerifyProcess.startEndless(
                                    server.address(), "--topic", "keys", "--rate", "200k")) {
                await(
                        "removed records",
                        () ->
                                topics.describe("short").partitions().getFirst().logStartOffset()
                                        > 1_000);
                await(
                        "compacted records",
                        () -> Meters.sum(server, "millrace_merge_key_compactions_total") > 0);
                VerifyProcess.Result removed = ofShort.finish();
                assertThat(removed.exit()).as(removed.toString()).isZero();
                assertThat(removed.out())
                        .startsWith("Verified: ")
                        .containsPattern("except \\d+ below the log start");
                VerifyProcess.Result compacted = ofKeys.finish();
                assertThat(compacted.exit()).as(compacted.toString()).isZero();
                assertThat(compacted.out())
                        .startsWith("Verified: ")
                        .containsPattern("except \\d+ compacted");
            }
        }
    }

    @Test
    void aModifiedObjectIsReported() throws IOException {
        Path data = folder.resolve("data");
        Path bucket = folder.resolve("bucket");
        int port = MillraceProcess.stablePort();
        String[] where = {"--bucket", "file:" + bucket};
        MillraceProcess server = MillraceProcess.up(data, port, where);
        try (VerifyProcess verify =
                VerifyProcess.startEndless(server.address(), "--rate", "300k")) {
            await("blocks", () -> blocks(bucket).size() > 10);
            // A running server would answer from memory, without the bucket.
            server.kill();
            Path block = blocks(bucket).getFirst();
            FlippedByte.flipBit(block, Files.size(block) / 2);
            server = MillraceProcess.up(data, port, where);
            VerifyProcess.Result result = verify.finish();
            assertThat(result.exit()).as(result.toString()).isOne();
            String file = String.valueOf(block.getFileName());
            assertThat(result.err())
                    .contains(file.substring(file.indexOf("wal,")).replace(',', '/'));
        } finally {
            server.close();
        }
    }

    /** Returns the blocks in a local bucket, the oldest first. */
    private static List<Path> blocks(Path bucket) {
        try (Stream<Path> files = Files.walk(bucket)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> file.toString().contains(",wal,"))
                    .sorted((a, b) -> Long.compare(modified(a), modified(b)))
                    .toList();
        } catch (IOException | UncheckedIOException changing) {
            return List.of();
        }
    }

    private static long modified(Path file) {
        try {
            return Files.getLastModifiedTime(file).to(TimeUnit.NANOSECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
