package io.millrace.client.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.FakeServer;
import io.millrace.client.FakeServer.Fault;
import io.millrace.client.MillraceClient;
import io.millrace.client.error.MillraceException;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.RecordHeader;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.record.internal.Record;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OversizedBatchTest {

    private static final int LIMIT = 500;

    private final FakeServer server = new FakeServer();
    private final MillraceClient client = MillraceClient.connect(server.address());

    /** A mode of the producer. */
    enum Way {
        IDEMPOTENT(plain -> plain),
        PLAIN(plain -> plain.idempotent(false)),
        COMPRESSED(plain -> plain.codec(CompressionCodec.ZSTD)),
        AS_RECORDS(plain -> plain.asRecords(true));

        private final UnaryOperator<ProducerSettings.Builder> choice;

        Way(UnaryOperator<ProducerSettings.Builder> choice) {
            this.choice = choice;
        }

        ProducerSettings.Builder settings() {
            return choice.apply(OversizedBatchTest.settings());
        }
    }

    @BeforeEach
    void createTopic() {
        client.topics().create("t", 1, Map.of("max.message.bytes", "" + LIMIT));
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private static ProducerSettings.Builder settings() {
        return ProducerSettings.builder()
                .batchBytes(4096)
                .linger(Duration.ofMillis(1))
                .codec(CompressionCodec.NONE)
                .inFlightPerPartition(3);
    }

    /** Returns a number followed by bytes that barely compress. */
    private static byte[] value(int number) {
        StringBuilder value = new StringBuilder().append(number);
        Random random = new Random(number);
        for (int i = 0; i < number % 40; i++) {
            value.append((char) (' ' + random.nextInt(90)));
        }
        return value.toString().getBytes(UTF_8);
    }

    private static List<CompletableFuture<ProduceResult>> send(Producer producer, int count) {
        List<CompletableFuture<ProduceResult>> sent = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            sent.add(producer.send(OutgoingRecord.of("t", null, value(i))));
        }
        return sent;
    }

    private List<Record> stored() {
        return StreamSupport.stream(server.log().all("t", 0).records().spliterator(), false)
                .toList();
    }

    private List<String> values() {
        return stored().stream().map(each -> UTF_8.decode(each.value()).toString()).toList();
    }

    private static List<String> values(int count) {
        return IntStream.range(0, count).mapToObj(i -> new String(value(i), UTF_8)).toList();
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aBatchOverTheTopicsLimitIsCutUntilItFits(Way way) {
        List<CompletableFuture<ProduceResult>> sent;
        try (Producer producer = client.producer(way.settings().build())) {
            sent = send(producer, 1_000);
            producer.flush();
            assertThat(sent).allMatch(CompletableFuture::isDone);
        }
        List<Record> stored = stored();
        for (int i = 0; i < sent.size(); i++) {
            int offset = (int) sent.get(i).join().offset();
            assertThat(UTF_8.decode(stored.get(offset).value()).toString())
                    .isEqualTo(new String(value(i), UTF_8));
        }
        assertThat(values()).containsExactlyInAnyOrderElementsOf(values(1_000));
        if (way == Way.IDEMPOTENT || way == Way.COMPRESSED) {
            assertThat(values()).isEqualTo(values(1_000));
        }
    }

    @Test
    void theHalvesAreStoredOnceWhateverHappensToTheirAnswers() {
        Random random = new Random(7);
        server.next(
                Stream.generate(() ->
                                switch (random.nextInt(12)) {
                                    case 0 -> new Fault.StoreAndBreak();
                                    case 1 -> new Fault.StoreAndDoubt();
                                    case 2 ->
                                            new Fault.RejectBatch(
                                                    new Problem(Reason.OVERLOADED, "Busy."));
                                    default -> new Fault.None();
                                })
                        .limit(60)
                        .toArray(Fault[]::new));
        // A batch that may be stored is not split, so the first responses must be rejections
        // because of the limit.
        try (Producer producer = client.producer(settings().batchBytes(900).build())) {
            List<CompletableFuture<ProduceResult>> sent = send(producer, 600);
            producer.flush();
            List<String> acknowledged = new ArrayList<>();
            for (int i = 0; i < sent.size(); i++) {
                if (!sent.get(i).isCompletedExceptionally()) {
                    acknowledged.add(new String(value(i), UTF_8));
                }
            }
            assertThat(acknowledged).hasSizeGreaterThan(300);
            assertThat(values()).isEqualTo(acknowledged);
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void aRecordOverTheLimitFailsAloneAndTheLimitIsNamed(Way way) {
        byte[] large = new byte[2 * LIMIT];
        new Random(1).nextBytes(large);
        List<CompletableFuture<ProduceResult>> around;
        CompletableFuture<ProduceResult> rejected;
        try (Producer producer = client.producer(way.settings().build())) {
            around = new ArrayList<>(send(producer, 10));
            rejected = producer.send(OutgoingRecord.of("t", null, large));
            around.addAll(send(producer, 10));
            producer.flush();
        }
        assertThat(around).noneMatch(CompletableFuture::isCompletedExceptionally);
        assertThat(rejected)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .isInstanceOfSatisfying(
                        MillraceException.class,
                        failure -> assertThat(failure.reason()).contains(Reason.TOO_LARGE))
                .withMessageContaining("A record for topic t, partition 0 is too large")
                .withMessageContaining("" + LIMIT);
        assertThat(stored()).hasSize(20);
    }

    @Test
    void aRecordThatNoTopicTakesDoesNotCostTheOthersTheirStream() {
        byte[] huge = new byte[17 * 1024 * 1024];
        CompletableFuture<ProduceResult> rejected;
        try (Producer producer = client.producer(settings().build())) {
            List<CompletableFuture<ProduceResult>> before = send(producer, 10);
            rejected = producer.send(OutgoingRecord.of("t", null, huge));
            List<CompletableFuture<ProduceResult>> after = send(producer, 10);
            producer.flush();
            assertThat(before).noneMatch(CompletableFuture::isCompletedExceptionally);
            assertThat(after).noneMatch(CompletableFuture::isCompletedExceptionally);
        }
        assertThat(rejected)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .withMessageContaining("16776192");
        assertThat(stored()).hasSize(20);
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void theRecordsOfASplitBatchArriveUnchanged(Way way) {
        List<RecordHeader> headers =
                List.of(new RecordHeader("ü", new byte[] {1}), new RecordHeader("n", null));
        // All records in one batch, so that modes without a guaranteed order cannot reorder
        // anything.
        ProducerSettings settings =
                way.settings().batchBytes(16 * 1024).linger(Duration.ofMinutes(1)).build();
        try (Producer producer = client.producer(settings)) {
            for (int i = 0; i < 30; i++) {
                producer.send(
                        new OutgoingRecord("t", 0, new byte[] {(byte) i}, value(39), headers, i));
                producer.send(new OutgoingRecord("t", 0, null, null, List.of(), 1_000 + i));
            }
        }
        List<Record> stored = stored();
        assertThat(stored).hasSize(60);
        for (int i = 0; i < 30; i++) {
            Record full = stored.get(2 * i);
            assertThat(full.timestamp()).isEqualTo(i);
            assertThat(full.key().get(0)).isEqualTo((byte) i);
            assertThat(full.headers()[0].key()).isEqualTo("ü");
            assertThat(full.headers()[1].value()).isNull();
            Record empty = stored.get(2 * i + 1);
            assertThat(empty.timestamp()).isEqualTo(1_000 + i);
            assertThat(empty.hasKey()).isFalse();
            assertThat(empty.hasValue()).isFalse();
        }
    }
}
