package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.ReadRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kills and restarts nodes with a shared log at random while a client writes and reads. */
class ClusterKillTest {

    private static final int NODES = 3;
    private static final int PARTITIONS = 8;
    private static final int ROUNDS = 12;
    private static final int RECORDS_A_ROUND = 60;
    private static final Duration BOUND = Duration.ofSeconds(60);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nothingIsLostDoubledOrReordered(long seed) {
        Random random = new Random(seed);
        try (FakeCluster cluster = new FakeCluster(NODES)) {
            cluster.log().create("t", PARTITIONS, Map.of());
            try (MillraceClient client = MillraceClient.connect(cluster.addresses())) {
                Map<Integer, List<Integer>> written = writeWhileNodesDie(client, cluster, random);
                assertThat(written.values()).as("seed %d", seed).allSatisfy(this::assertWhole);
            }
        }
    }

    private void assertWhole(List<Integer> numbers) {
        assertThat(numbers)
                .isEqualTo(IntStream.range(0, ROUNDS * RECORDS_A_ROUND).boxed().toList());
    }

    /** Returns the records that a reader saw in each partition. */
    private static Map<Integer, List<Integer>> writeWhileNodesDie(
            MillraceClient client, FakeCluster cluster, Random random) {
        Map<TopicPartition, StartPosition> from = new HashMap<>();
        Map<Integer, List<Integer>> seen = new HashMap<>();
        for (int p = 0; p < PARTITIONS; p++) {
            from.put(new TopicPartition("t", p), StartPosition.beginning());
            seen.put(p, new ArrayList<>());
        }
        ProducerSettings settings =
                ProducerSettings.builder().batchBytes(256).linger(Duration.ofMillis(1)).build();
        ConcurrentLinkedQueue<CompletableFuture<ProduceResult>> sent =
                new ConcurrentLinkedQueue<>();
        try (Reader reader = client.reader(ReaderSettings.defaults(), from);
                Producer producer = client.producer(settings)) {
            int total = 0;
            for (int round = 0; round < ROUNDS; round++) {
                int victim = random.nextInt(NODES);
                int when = random.nextInt(RECORDS_A_ROUND);
                for (int i = 0; i < RECORDS_A_ROUND; i++) {
                    if (i == when) {
                        strike(cluster.node(victim), random);
                    }
                    for (int p = 0; p < PARTITIONS; p++) {
                        sent.add(producer.send(record(p, round * RECORDS_A_ROUND + i)));
                    }
                }
                Producer.await(List.copyOf(sent), BOUND);
                sent.clear();
                total += RECORDS_A_ROUND * PARTITIONS;
                take(reader, seen, total);
                cluster.register(cluster.node(victim));
                cluster.node(victim).server.restart();
            }
        }
        return seen;
    }

    private static void strike(FakeCluster.Node node, Random random) {
        switch (random.nextInt(4)) {
            case 0 -> node.server.close();
            case 1 -> {
                node.server.next(new FakeServer.Fault.StoreAndBreak());
            }
            case 2 -> {
                node.server.shutDown();
            }
            default -> {
                node.server.next(
                        new FakeServer.Fault.StoreAndDoubt(), new FakeServer.Fault.Break());
                node.server.restart();
            }
        }
    }

    private static void take(Reader reader, Map<Integer, List<Integer>> seen, int total) {
        int have = seen.values().stream().mapToInt(List::size).sum();
        while (have < total) {
            List<ReadRecord> records = reader.pollRecords(BOUND);
            assertThat(records).isNotEmpty();
            have += records.size();
            for (ReadRecord record : records) {
                String value =
                        StandardCharsets.UTF_8
                                .decode(Objects.requireNonNull(record.value()))
                                .toString();
                Objects.requireNonNull(seen.get(record.partition().partition()))
                        .add(Integer.parseInt(value));
            }
        }
    }

    private static OutgoingRecord record(int partition, int number) {
        byte[] value = ("" + number).getBytes(StandardCharsets.UTF_8);
        return OutgoingRecord.of("t", null, value).withPartition(partition);
    }
}
