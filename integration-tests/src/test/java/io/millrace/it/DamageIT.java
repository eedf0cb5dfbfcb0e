package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ProduceRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A flipped byte in a stored object is detected and named, and the records are never served. */
class DamageIT {

    @TempDir Path folder;

    /** Without caches, every read is from the bucket. */
    private static final Map<String, String> NO_CACHES =
            Map.of("MILLRACE_HOT_CACHE_PERCENT", "0", "MILLRACE_COLD_CACHE_PERCENT", "0");

    @Test
    void aFlippedByteInABlockIsReportedAndNotServed() throws IOException {
        Path block;
        long size;
        try (MillraceProcess server = up(NO_CACHES)) {
            write(server);
            block = onlyFile(folder.resolve("bucket"), ",wal,");
            size = Files.size(block);
            for (long at : new long[] {0, 40, 150, size / 2}) {
                FlippedByte.flipBit(block, at);
                assertNamedAndNotServed(server, block, at);
                FlippedByte.flipBit(block, at);
                assertServed(server);
            }
            assertThat(server.terminate()).isZero();
        }
        // A server with caches reads the end of a block too, unless it has read the block before.
        FlippedByte.flipBit(block, size - 1);
        try (MillraceProcess server = up(Map.of())) {
            assertNamedAndNotServed(server, block, size - 1);
            FlippedByte.flipBit(block, size - 1);
            assertServed(server);
        }
    }

    private MillraceProcess up(Map<String, String> environment) {
        return MillraceProcess.up(
                folder.resolve("data"),
                environment,
                "--bucket",
                "file:" + folder.resolve("bucket"));
    }

    private static void assertNamedAndNotServed(MillraceProcess server, Path block, long at) {
        ManagedChannel channel = server.connect();
        FetchedPartition fetched = PartitionReader.fetch(channel, "t", 0, 0);
        assertThat(fetched.getBatches().isEmpty()).as("byte %d", at).isTrue();
        Problem problem = Problem.fromStatus(fetched.getError()).orElseThrow();
        assertThat(problem.reason()).isEqualTo(Reason.CORRUPT_DATA);
        assertThat(problem.message()).contains(objectName(block));
        channel.shutdownNow();
    }

    private static void assertServed(MillraceProcess server) {
        ManagedChannel channel = server.connect();
        assertThat(PartitionReader.all(channel, "t", 0)).hasSize(3);
        channel.shutdownNow();
    }

    /** Returns the server's name of the object in a file of a local bucket. */
    private static String objectName(Path block) {
        String file = String.valueOf(block.getFileName());
        return file.substring(file.indexOf("wal,")).replace(',', '/');
    }

    private static void write(MillraceProcess server) {
        server.createTopic("t", 1);
        ManagedChannel channel = server.connect();
        IngestGrpc.newBlockingStub(channel)
                .produce(
                        ProduceRequest.newBuilder()
                                .setTopic("t")
                                .setBatch(
                                        KafkaBatches.wrap(
                                                KafkaBatches.batch(
                                                        "one".getBytes(UTF_8),
                                                        "x".repeat(100_000).getBytes(UTF_8),
                                                        "three".getBytes(UTF_8))))
                                .build());
        channel.shutdownNow();
    }

    private static Path onlyFile(Path root, String containing) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> found =
                    files.filter(Files::isRegularFile)
                            .filter(file -> file.toString().contains(containing))
                            .toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }
}
