package io.millrace.client.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.FakeServer;
import io.millrace.client.FakeServer.Fault;
import io.millrace.client.MillraceClient;
import io.millrace.client.error.MillraceException;
import io.millrace.client.record.BatchWriter;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.RecordHeader;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.utils.Utils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProducerTest {

    private static final Problem BUSY = new Problem(Reason.OVERLOADED, "Busy.");
    private static final Problem BAD = new Problem(Reason.TIMESTAMP_TOO_FAR_AHEAD, "Too far.");

    private FakeServer server = new FakeServer();
    private MillraceClient client = MillraceClient.connect(server.address());

    @BeforeEach
    void createTopic() {
        client.topics().create("t", 4, Map.of());
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private static ProducerSettings.Builder small() {
        return ProducerSettings.builder()
                .batchBytes(256)
                .linger(Duration.ZERO)
                .codec(CompressionCodec.NONE);
    }

    private static OutgoingRecord record(int number) {
        return OutgoingRecord.of("t", null, text("value-" + number)).withPartition(0);
    }

    private static byte[] text(String value) {
        return value.getBytes(StandardCharsets.UTF_8);
    }

    private List<String> stored(int partition) {
        return StreamSupport.stream(server.log().all("t", partition).records().spliterator(), false)
                .map(record -> StandardCharsets.UTF_8.decode(record.value()).toString())
                .toList();
    }

    private static List<String> values(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "value-" + i).toList();
    }

    private static List<CompletableFuture<ProduceResult>> send(
            Producer producer, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> producer.send(record(i))).toList();
    }

    private static List<ProduceResult> await(List<CompletableFuture<ProduceResult>> sent) {
        return Producer.await(sent, Duration.ofSeconds(20));
    }

    @ParameterizedTest
    @EnumSource(CompressionCodec.class)
    void everyCodecStoresWhatWasSent(CompressionCodec codec) {
        try (Producer producer = client.producer(ProducerSettings.builder().codec(codec).build())) {
            List<CompletableFuture<ProduceResult>> sent = send(producer, 0, 3_000);
            producer.flush();
            assertThat(await(sent))
                    .extracting(ProduceResult::offset)
                    .containsExactlyElementsOf(
                            () -> IntStream.range(0, 3_000).mapToObj(i -> (long) i).iterator());
        }
        assertThat(stored(0)).isEqualTo(values(0, 3_000));
    }

    @Test
    void keysMapAsKafkaMapsThem() {
        try (Producer producer = client.producer()) {
            for (int i = 0; i < 200; i++) {
                byte[] key = text("key-" + i);
                ProduceResult stored =
                        await(List.of(producer.send(OutgoingRecord.of("t", key, null)))).getFirst();
                assertThat(stored.partition().partition())
                        .isEqualTo(Utils.toPositive(Utils.murmur2(key)) % 4);
            }
        }
    }

    @Test
    void anAddedPartitionIsUsedWithoutARestart() {
        ProducerSettings eager = ProducerSettings.builder().topicMaxAge(Duration.ZERO).build();
        try (Producer producer = client.producer(eager)) {
            await(List.of(producer.send(OutgoingRecord.of("t", null, text("x")))));
            client.topics().addPartitions("t", 8);
            byte[] key = keyOfPartition(7, 8);
            assertThat(partitionOfKeyBecomes(producer, key, 7)).isTrue();
        }
    }

    @Test
    void aTopicCreatedAgainWithFewerPartitionsIsWrittenWithoutARestart() {
        try (Producer producer = client.producer()) {
            byte[] key = keyOfPartition(3, 4);
            assertThat(partitionOfKeyBecomes(producer, key, 3)).isTrue();
            client.topics().delete("t");
            client.topics().create("t", 2, Map.of());
            assertThat(partitionOfKeyBecomes(producer, key, 1)).isTrue();
        }
    }

    private static byte[] keyOfPartition(int partition, int count) {
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> text("key-" + i))
                .filter(key -> Utils.toPositive(Utils.murmur2(key)) % count == partition)
                .findFirst()
                .orElseThrow();
    }

    /** Sends records of a key until one is stored in the partition. */
    private static boolean partitionOfKeyBecomes(Producer producer, byte[] key, int partition) {
        long endNanos = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (System.nanoTime() - endNanos < 0) {
            try {
                ProduceResult stored =
                        await(List.of(producer.send(OutgoingRecord.of("t", key, null)))).getFirst();
                if (stored.partition().partition() == partition) {
                    return true;
                }
            } catch (MillraceException.Rejected unknown) {
                assertThat(unknown.problem().reason()).isEqualTo(Reason.UNKNOWN_PARTITION);
            }
        }
        return false;
    }

    @Test
    void aRefusedBatchIsSentAgainInOrder() {
        server.next(
                new Fault.None(),
                new Fault.RejectBatch(BUSY),
                new Fault.None(),
                new Fault.RejectBatch(BUSY));
        try (Producer producer = client.producer(small().build())) {
            await(send(producer, 0, 200));
        }
        assertThat(stored(0)).isEqualTo(values(0, 200));
    }

    @Test
    void aLostAnswerMakesNoDuplicate() {
        server.next(
                new Fault.None(),
                new Fault.StoreAndBreak(),
                new Fault.None(),
                new Fault.StoreAndDoubt());
        try (Producer producer = client.producer(small().build())) {
            await(send(producer, 0, 200));
        }
        assertThat(stored(0)).isEqualTo(values(0, 200));
    }

    @Test
    void anyMixOfFaultsLosesNothingAndDuplicatesNothing() {
        for (long seed = 1; seed <= 2; seed++) {
            Random random = new Random(seed);
            String topic = "mix" + seed;
            client.topics().create(topic, 3, Map.of());
            server.next(Stream.generate(() -> anyFault(random)).limit(40).toArray(Fault[]::new));
            List<CompletableFuture<ProduceResult>> sent = new ArrayList<>();
            try (Producer producer = client.producer(small().build())) {
                for (int i = 0; i < 300; i++) {
                    sent.add(
                            producer.send(
                                    OutgoingRecord.of(topic, null, text("" + i))
                                            .withPartition(i % 3)));
                }
                await(sent);
            }
            for (int p = 0; p < 3; p++) {
                int partition = p;
                List<String> values =
                        StreamSupport.stream(
                                        server.log().all(topic, p).records().spliterator(), false)
                                .map(each -> StandardCharsets.UTF_8.decode(each.value()).toString())
                                .toList();
                assertThat(values)
                        .as("seed %d, partition %d", seed, p)
                        .isEqualTo(
                                IntStream.range(0, 300)
                                        .filter(i -> i % 3 == partition)
                                        .mapToObj(i -> "" + i)
                                        .toList());
            }
        }
    }

    private static Fault anyFault(Random random) {
        return switch (random.nextInt(24)) {
            case 0 -> new Fault.Break();
            case 1 -> new Fault.StoreAndBreak();
            case 2, 3 -> new Fault.StoreAndDoubt();
            case 4, 5 -> new Fault.RejectBatch(BUSY);
            default -> new Fault.None();
        };
    }

    @Test
    void successorsOfAFailedBatchAreStoredOnce() {
        server.next(new Fault.None(), new Fault.RejectBatch(BAD));
        List<CompletableFuture<ProduceResult>> sent;
        try (Producer producer = client.producer(small().build())) {
            sent = send(producer, 0, 200);
            producer.flush();
        }
        List<String> acknowledged =
                IntStream.range(0, 200)
                        .filter(i -> !sent.get(i).isCompletedExceptionally())
                        .mapToObj(i -> "value-" + i)
                        .toList();
        assertThat(acknowledged).hasSizeLessThan(200);
        assertThat(stored(0)).isEqualTo(acknowledged);
    }

    @Test
    void aProducerUnknownToTheServerContinuesUnderANewId() {
        try (Producer producer = client.producer(small().build())) {
            await(send(producer, 0, 50));
            server.log().forgetProducers();
            await(send(producer, 50, 200));
        }
        assertThat(stored(0)).isEqualTo(values(0, 200));
    }

    @Test
    void aRestartOfTheServerIsSurvived() {
        try (Producer producer = client.producer(small().build())) {
            await(send(producer, 0, 20));
            server.pause();
            List<CompletableFuture<ProduceResult>> sent = send(producer, 20, 120);
            server.restart();
            await(sent);
        }
        assertThat(stored(0)).isEqualTo(values(0, 120));
    }

    @Test
    void unansweredBatchesMayBeStored() {
        server.next(new Fault.StoreAndStaySilent());
        ProducerSettings settings = small().deliveryTimeout(Duration.ofSeconds(2)).build();
        try (Producer producer = client.producer(settings)) {
            assertThat(failureOf(producer.send(record(0))))
                    .isInstanceOf(MillraceException.OutcomeUnknown.class)
                    .hasMessageContaining("topic t, partition 0");
        }
    }

    @Test
    void aSilentStreamIsReplaced() {
        server.next(new Fault.StoreAndStaySilent());
        ProducerSettings settings =
                small().deliveryTimeout(Duration.ofSeconds(2)).inFlightPerPartition(1).build();
        try (Producer producer = client.producer(settings)) {
            assertThat(failureOf(producer.send(record(0))))
                    .isInstanceOf(MillraceException.OutcomeUnknown.class);
            await(send(producer, 1, 5));
        }
        assertThat(stored(0)).isEqualTo(values(0, 5));
    }

    @Test
    void aBatchMadeElsewhereIsStoredOnceAndLeavesTheSequencesAlone() {
        try (Producer producer = client.producer(small().build())) {
            await(send(producer, 0, 1));
            server.next(new Fault.None(), new Fault.StoreAndDoubt());
            await(List.of(producer.sendBatch("t", 0, packed("value-1"))));
            assertThat(failureOf(producer.sendBatch("t", 0, packed("value-2"))))
                    .isInstanceOf(MillraceException.OutcomeUnknown.class);
            await(send(producer, 3, 4));
        }
        assertThat(stored(0)).isEqualTo(values(0, 4));
        assertThat(server.batchesSeen()).isEqualTo(4);
    }

    private static byte[] packed(String value) {
        BatchWriter writer = new BatchWriter(256);
        writer.append(null, text(value), List.of(), 1);
        writer.seal(CompressionCodec.NONE);
        return writer.toByteString().toByteArray();
    }

    @Test
    void unsentBatchesAreNotStored() {
        ProducerSettings settings = small().deliveryTimeout(Duration.ofSeconds(2)).build();
        try (Producer producer = client.producer(settings)) {
            await(send(producer, 0, 1));
            server.close();
            assertThat(failureOf(producer.send(record(1))))
                    .isInstanceOf(MillraceException.class)
                    .hasMessageContaining("2000 ms");
        }
        assertThat(stored(0)).isEqualTo(values(0, 1));
    }

    @Test
    void withoutIdempotenceALostAnswerIsToldAndNotRepeated() {
        server.next(new Fault.StoreAndDoubt());
        try (Producer producer = client.producer(small().idempotent(false).build())) {
            assertThat(failureOf(producer.send(record(0))))
                    .isInstanceOf(MillraceException.OutcomeUnknown.class);
        }
        assertThat(stored(0)).isEqualTo(values(0, 1));
    }

    @Test
    void aFullBufferBlocksTheCaller() {
        server.pause();
        ProducerSettings settings =
                small().bufferBytes(2_000).maxBlock(Duration.ofMillis(100)).build();
        try (Producer producer = client.producer(settings)) {
            assertThatThrownBy(() -> send(producer, 0, 1_000))
                    .isInstanceOf(MillraceException.TimedOut.class)
                    .hasMessageContaining("buffer of 2000 bytes");
            assertThat(producer.trySend(record(0))).isEmpty();
            server.restart();
            producer.flush();
            assertThat(producer.trySend(record(0))).isPresent();
        }
    }

    @Test
    void recordsGoAsRecords() {
        try (Producer producer = client.producer(small().asRecords(true).build())) {
            await(send(producer, 0, 100));
        }
        assertThat(stored(0)).isEqualTo(values(0, 100));
    }

    @Test
    void headersTimestampsAndNullsArriveAsTheyWere() {
        OutgoingRecord record =
                OutgoingRecord.of("t", new byte[0], null)
                        .withPartition(1)
                        .withTimestamp(1_234)
                        .withHeaders(
                                List.of(
                                        new RecordHeader("ü", text("x")),
                                        new RecordHeader("n", null)));
        try (Producer producer = client.producer()) {
            await(List.of(producer.send(record)));
        }
        var stored = server.log().all("t", 1).records().iterator().next();
        assertThat(stored.timestamp()).isEqualTo(1_234);
        assertThat(stored.keySize()).isZero();
        assertThat(stored.hasValue()).isFalse();
        assertThat(stored.headers()[0].key()).isEqualTo("ü");
        assertThat(stored.headers()[1].value()).isNull();
    }

    @Test
    void anUnknownTopicIsRefused() {
        try (Producer producer = client.producer()) {
            assertThatThrownBy(() -> producer.send(OutgoingRecord.of("no", null, null)))
                    .isInstanceOf(MillraceException.Rejected.class)
                    .hasMessageContaining("no topic no");
        }
    }

    @Test
    void anUnreachableServerIsNamed() {
        server.close();
        try (MillraceClient lonely = MillraceClient.connect(server.address())) {
            assertThatThrownBy(() -> lonely.topics().list())
                    .isInstanceOf(MillraceException.Unreachable.class)
                    .hasMessageContaining(server.address())
                    .hasMessageContaining("refused");
        }
    }

    private static Throwable failureOf(CompletableFuture<ProduceResult> sent) {
        try {
            sent.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            Throwable cause = failed.getCause();
            return cause == null ? failed : cause;
        } catch (InterruptedException | java.util.concurrent.TimeoutException other) {
            return other;
        }
        return new AssertionError("It was stored");
    }

    @Test
    void aProducerThatBeginsWhileItsServerIsAwayWaitsForIt() throws Exception {
        server.close();
        try (Producer producer = client.producer(small().build())) {
            assertThat(producer.trySend(record(0))).isEmpty();
            CompletableFuture<Void> ready = producer.whenReady("t");
            assertThatThrownBy(() -> ready.get(300, TimeUnit.MILLISECONDS))
                    .isInstanceOf(TimeoutException.class);
            server.restart();
            ready.get(20, TimeUnit.SECONDS);
            producer.send(record(0)).get(20, TimeUnit.SECONDS);
        }
        assertThat(stored(0)).isEqualTo(values(0, 1));
    }

    @Test
    void aProducerThatIsClosedWhileItLooksForItsTopicSaysSo() {
        server.close();
        Producer producer = client.producer(small().build());
        CompletableFuture<Void> ready = producer.whenReady("t");
        producer.close();
        assertThatThrownBy(() -> ready.get(20, TimeUnit.SECONDS))
                .hasCauseInstanceOf(MillraceException.Closed.class);
    }
}
