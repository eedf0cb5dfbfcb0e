package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.millrace.client.MillraceClient;
import io.millrace.it.NumberedProducer.Sent;
import io.millrace.it.NumberedReader.Seen;
import io.millrace.storage.TestScale;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A single server that is killed repeatedly under three writers: a producer of raw batches with
 * known sequences, the client library with a reader, and {@code millrace verify}.
 */
@Timeout(600)
class KillIT {

    private static final int KILLS = TestScale.count(4, 12);
    private static final Duration BOUND = Duration.ofMinutes(2);

    private static final String RAW = "raw";
    private static final int RAW_PARTITIONS = 5;

    private static final String CLIENT = "client";
    private static final int CLIENT_PARTITIONS = 6;

    @TempDir Path folder;
    private final long seed = TestScale.seed(KillIT.class);
    private final SplittableRandom random = new SplittableRandom(seed);
    private final int port = MillraceProcess.stablePort();

    private MillraceProcess up() {
        return MillraceProcess.up(
                folder.resolve("data"), port, "--bucket", "file:" + folder.resolve("bucket"));
    }

    @Test
    void repeatedKillsKeepEveryAcknowledgedRecordOnceInOrderAtItsOffset() {
        MillraceProcess server = up();
        try (MillraceClient client = MillraceClient.connect(server.address())) {
            client.topics().create(RAW, RAW_PARTITIONS, Map.of());
            client.topics().create(CLIENT, CLIENT_PARTITIONS, Map.of());
            ManagedChannel first = server.connect();
            IdempotentWriter raw = new IdempotentWriter(first, RAW, RAW_PARTITIONS);
            first.shutdownNow();
            try (NumberedReader through = new NumberedReader(client, CLIENT, CLIENT_PARTITIONS);
                    NumberedProducer producer =
                            new NumberedProducer(client, CLIENT, CLIENT_PARTITIONS);
                    VerifyProcess verify =
                            VerifyProcess.startEndless(
                                    server.address(), "--producers", "3", "--rate", "300k")) {
                for (int kill = 0; kill < KILLS; kill++) {
                    awaitVerify(server);
                    producer.awaitMore(1 + random.nextInt(2_000), BOUND);
                    ManagedChannel channel = server.connect();
                    raw.write(channel, 1 + random.nextInt(300), server::kill);
                    channel.shutdownNow();
                    server = up();
                }
                producer.awaitMore(1, BOUND);
                checkVerify(verify.finish());
                checkClient(client, producer.stop(), through);
            }
            checkRaw(server, raw);
        } finally {
            server.close();
        }
    }

    /** Waits until verify has stored records in each of its partitions since the last kill. */
    private static void awaitVerify(MillraceProcess server) {
        // A client that is older than the server may still wait before it reconnects.
        try (MillraceClient client = MillraceClient.connect(server.address())) {
            Eventually.await("a topic of verify", () -> !verifyEnds(client).isEmpty());
            List<Long> before = verifyEnds(client);
            Eventually.await(
                    "more records of verify",
                    () -> {
                        List<Long> now = verifyEnds(client);
                        return IntStream.range(0, before.size())
                                .allMatch(i -> now.get(i) > before.get(i));
                    });
        }
    }

    private static List<Long> verifyEnds(MillraceClient client) {
        return client.topics().list().stream()
                .map(each -> each.name())
                .filter(name -> !name.equals(RAW) && !name.equals(CLIENT))
                .flatMap(name -> client.topics().describe(name).partitions().stream())
                .map(each -> each.highWatermark())
                .toList();
    }

    private static void checkVerify(VerifyProcess.Result result) {
        result.assertAllIsThere();
        assertThat(result.out()).hasLineCount(1);
        assertThat(result.err())
                .containsPattern("The cluster has acknowledged nothing for \\d")
                .containsPattern("The cluster acknowledges again, after \\d");
        System.out.printf("KillIT: %d kills: %s%s%n", KILLS, result.err(), result.out());
    }

    private void checkClient(MillraceClient client, List<List<Sent>> sent, NumberedReader through) {
        assertThat(sent).allSatisfy(each -> assertThat(each).isNotEmpty());
        assertThat(sent.stream().flatMap(List::stream).map(Sent::failure))
                .as("seed %d", seed)
                .containsOnlyNulls();
        int[] counts = sent.stream().mapToInt(List::size).toArray();
        assertThat(client.topics().describe(CLIENT).partitions())
                .as("seed %d", seed)
                .extracting(each -> (int) each.highWatermark())
                .isEqualTo(IntStream.of(counts).boxed().toList());
        through.awaitCounts(counts, BOUND);
        try (NumberedReader afterwards = new NumberedReader(client, CLIENT, CLIENT_PARTITIONS)) {
            afterwards.awaitCounts(counts, BOUND);
            for (int p = 0; p < CLIENT_PARTITIONS; p++) {
                String where = "seed %d, partition %d".formatted(seed, p);
                List<Seen> stored = afterwards.records(p);
                assertThat(stored)
                        .as(where)
                        .isEqualTo(
                                IntStream.range(0, counts[p])
                                        .mapToObj(i -> new Seen(i, i))
                                        .toList());
                for (int i = 0; i < counts[p]; i++) {
                    assertThat(sent.get(p).get(i).offset())
                            .as("%s, record %d", where, i)
                            .isIn((long) i, -1L);
                }
                assertThat(through.records(p)).as(where).isEqualTo(stored);
            }
        }
    }

    private void checkRaw(MillraceProcess server, IdempotentWriter raw) {
        ManagedChannel channel = server.connect();
        raw.write(channel, 0, () -> {});
        for (int partition = 0; partition < RAW_PARTITIONS; partition++) {
            List<KafkaBatches.Read> records = PartitionReader.all(channel, RAW, partition);
            assertThat(records).as("seed %d", seed).hasSize(raw.begun(partition));
            Map<Integer, Long> acknowledged = raw.acknowledged(partition);
            for (int i = 0; i < records.size(); i++) {
                KafkaBatches.Read record = records.get(i);
                assertThat(new String(record.value(), UTF_8))
                        .as("seed %d, partition %d, record %d", seed, partition, i)
                        .isEqualTo(IdempotentWriter.value(partition, i));
                assertThat(record.offset()).isEqualTo(i);
                assertThat(acknowledged.get(i)).isIn((long) i, -1L);
            }
        }
        channel.shutdownNow();
    }
}
