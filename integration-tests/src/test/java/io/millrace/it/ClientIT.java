package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.MillraceClient;
import io.millrace.client.MillraceException;
import io.millrace.client.OutgoingRecord;
import io.millrace.client.Producer;
import io.millrace.client.ProducerSettings;
import io.millrace.client.Stored;
import io.millrace.it.NumberedProducer.Sent;
import io.millrace.it.NumberedReader.Seen;
import io.millrace.protocol.batch.CompressionCodec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The client against a real server that is killed and comes back at the same address. */
class ClientIT {

    private static final String TOPIC = "restarts";
    private static final int PARTITIONS = 6;
    private static final int KILLS = 8;
    private static final Duration BOUND = Duration.ofMinutes(2);

    @TempDir Path data;

    @Test
    void producerAndReaderGoOnThroughEveryKillAndEachRecordIsThereOnceInOrderAtItsOffset() {
        long seed = Long.getLong("millrace.seed", 42);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        int port = MillraceProcess.portThatStays();
        MillraceProcess server = MillraceProcess.up(data, port);
        try (MillraceClient client = MillraceClient.connect(server.address())) {
            client.topics().create(TOPIC, PARTITIONS, Map.of());
            try (NumberedReader through = new NumberedReader(client, TOPIC, PARTITIONS);
                    NumberedProducer producer = new NumberedProducer(client, TOPIC, PARTITIONS)) {
                for (int kill = 0; kill < KILLS; kill++) {
                    producer.awaitMore(1 + random.nextInt(2_000), BOUND);
                    server.kill();
                    server = MillraceProcess.up(data, port);
                }
                producer.awaitMore(1, BOUND);
                List<List<Sent>> sent = producer.stop();
                assertThat(sent).allSatisfy(each -> assertThat(each).isNotEmpty());
                assertThat(sent.stream().flatMap(List::stream).map(Sent::failure))
                        .as("seed %d", seed)
                        .containsOnlyNulls();
                int[] counts = sent.stream().mapToInt(List::size).toArray();
                assertThat(client.topics().describe(TOPIC).partitions())
                        .as("seed %d", seed)
                        .extracting(each -> (int) each.highWatermark())
                        .isEqualTo(IntStream.of(counts).boxed().toList());
                through.awaitCounts(counts, BOUND);
                try (NumberedReader afterwards = new NumberedReader(client, TOPIC, PARTITIONS)) {
                    afterwards.awaitCounts(counts, BOUND);
                    for (int p = 0; p < PARTITIONS; p++) {
                        String where = "seed %d, partition %d".formatted(seed, p);
                        assertWritten(where, sent.get(p), afterwards.records(p));
                        assertThat(through.records(p)).as(where).isEqualTo(afterwards.records(p));
                    }
                }
            }
        } finally {
            server.close();
        }
    }

    @Test
    void batchesOverTheTopicsLimitAreCutAndARecordOverItIsRefusedAlone() {
        try (MillraceProcess server = MillraceProcess.up(data);
                MillraceClient client = MillraceClient.connect(server.address());
                Producer producer =
                        client.producer(
                                ProducerSettings.builder().codec(CompressionCodec.NONE).build())) {
            client.topics().create("narrow", 1, Map.of("max.message.bytes", "2000"));
            List<CompletableFuture<Stored>> sent = new ArrayList<>();
            for (int i = 0; i < 5_000; i++) {
                sent.add(producer.send(OutgoingRecord.of("narrow", null, new byte[i % 300])));
            }
            CompletableFuture<Stored> refused =
                    producer.send(OutgoingRecord.of("narrow", null, new byte[3_000]));
            producer.flush();
            assertThat(Producer.await(sent, BOUND))
                    .extracting(Stored::offset)
                    .isEqualTo(LongStream.range(0, 5_000).boxed().toList());
            assertThat(refused)
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(MillraceException.Refused.class)
                    .withMessageContaining("max.message.bytes allows 2000");
            assertThat(client.topics().describe("narrow").partitions().getFirst().highWatermark())
                    .isEqualTo(5_000);
        }
    }

    private static void assertWritten(String where, List<Sent> sent, List<Seen> stored) {
        assertThat(stored)
                .as(where)
                .isEqualTo(IntStream.range(0, sent.size()).mapToObj(i -> new Seen(i, i)).toList());
        for (int i = 0; i < sent.size(); i++) {
            assertThat(sent.get(i).offset()).as("%s, record %d", where, i).isIn((long) i, -1L);
        }
    }
}
