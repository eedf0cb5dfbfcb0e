package io.millrace.client.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.client.FakeServer;
import io.millrace.client.MillraceClient;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.PoisonBatches;
import io.millrace.client.record.ReadBatch;
import io.millrace.client.record.ReadRecord;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.error.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReaderTest {

    private static final TopicPartition P0 = new TopicPartition("t", 0);
    private static final TopicPartition P1 = new TopicPartition("t", 1);
    private static final Duration LONG = Duration.ofSeconds(20);

    private final FakeServer server = new FakeServer();
    private final MillraceClient client = MillraceClient.connect(server.address());

    @BeforeEach
    void createTopic() {
        client.topics().create("t", 2, Map.of());
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private void write(int partition, int from, int to, CompressionCodec codec) {
        ProducerSettings settings = ProducerSettings.builder().batchBytes(256).codec(codec).build();
        try (Producer producer = client.producer(settings)) {
            for (int i = from; i < to; i++) {
                byte[] value = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
                producer.send(
                        OutgoingRecord.of("t", null, value)
                                .withPartition(partition)
                                .withTimestamp(1_000 + i));
            }
        }
    }

    private static List<Integer> read(Reader reader, int count) {
        List<Integer> values = new ArrayList<>();
        while (values.size() < count) {
            List<ReadRecord> records = reader.pollRecords(LONG);
            assertThat(records).isNotEmpty();
            records.forEach(record -> values.add(value(record)));
        }
        return values;
    }

    @Test
    void aBatchThatCannotBeDecodedIsReportedUntilASeekAndLosesNoOtherRecord() {
        write(0, 0, 3, CompressionCodec.NONE);
        try (Producer producer = client.producer()) {
            Producer.await(List.of(producer.sendBatch("t", 0, PoisonBatches.garbage())), LONG);
        }
        write(0, 7, 9, CompressionCodec.NONE);
        try (Reader reader =
                client.reader(ReaderSettings.defaults(), Map.of(P0, StartPosition.offset(0)))) {
            assertThat(read(reader, 3)).containsExactly(0, 1, 2);
            long skipTo = 0;
            for (int i = 0; i < 2; i++) {
                MillraceException.Undecodable failure =
                        catchThrowableOfType(
                                MillraceException.Undecodable.class,
                                () -> reader.pollRecords(LONG));
                assertThat(failure.firstOffset()).isEqualTo(3);
                skipTo = failure.nextOffset();
            }
            reader.seek(P0, StartPosition.offset(skipTo));
            assertThat(read(reader, 2)).containsExactly(7, 8);
        }
    }

    @Test
    void aPartitionThatStaysUnreadableIsReportedAndReadAgainLater() {
        write(0, 0, 10, CompressionCodec.NONE);
        server.cutOff();
        ReaderSettings impatient = ReaderSettings.defaults().withUnreachableAfter(Duration.ZERO);
        try (Reader reader = client.reader(impatient, Map.of(P0, StartPosition.offset(0)))) {
            assertThatThrownBy(() -> reader.poll(LONG))
                    .isInstanceOfSatisfying(
                            MillraceException.Rejected.class,
                            failure ->
                                    assertThat(failure.problem().reason())
                                            .isEqualTo(Reason.STORAGE_UNAVAILABLE));
            server.heal();
            assertThat(pollPastFailures(reader)).isNotEmpty();
        }
    }

    private static List<ReadBatch> pollPastFailures(Reader reader) {
        while (true) {
            try {
                return reader.poll(LONG);
            } catch (MillraceException.Rejected earlier) {
                assertThat(earlier.retriable()).isTrue();
            }
        }
    }

    @Test
    void anInterruptedPollThrows() {
        try (Reader reader =
                client.reader(ReaderSettings.defaults(), Map.of(P0, StartPosition.beginning()))) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> reader.poll(LONG))
                    .isInstanceOf(MillraceException.Closed.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    private static int value(ReadRecord record) {
        java.nio.ByteBuffer value = record.value();
        return value == null
                ? -1
                : Integer.parseInt(StandardCharsets.UTF_8.decode(value).toString());
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    private Reader reader(StartPosition start) {
        return client.reader(ReaderSettings.defaults(), Map.of(P0, start));
    }

    @ParameterizedTest
    @EnumSource(CompressionCodec.class)
    void everyCodecIsReadBack(CompressionCodec codec) {
        write(0, 0, 500, codec);
        try (Reader reader = reader(StartPosition.beginning())) {
            assertThat(read(reader, 500)).isEqualTo(range(0, 500));
        }
    }

    @Test
    void anOffsetInTheMiddleOfABatchBeginsThere() {
        write(0, 0, 100, CompressionCodec.NONE);
        try (Reader reader = reader(StartPosition.offset(33))) {
            assertThat(read(reader, 67)).isEqualTo(range(33, 100));
            assertThat(reader.position(P0)).isEqualTo(100);
        }
    }

    @Test
    void aTimestampBeginsAtTheFirstRecordOfThatTime() {
        write(0, 0, 100, CompressionCodec.NONE);
        try (Reader reader = reader(StartPosition.time(Instant.ofEpochMilli(1_050)))) {
            assertThat(read(reader, 50)).isEqualTo(range(50, 100));
        }
    }

    @Test
    void theEndWaitsForWhatIsWrittenAfterwards() {
        write(0, 0, 10, CompressionCodec.NONE);
        try (Reader reader = reader(StartPosition.end())) {
            assertThat(reader.offsetOf(P0, StartPosition.end())).isEqualTo(10);
            assertThat(reader.poll(Duration.ofMillis(50))).isEmpty();
            write(0, 10, 20, CompressionCodec.NONE);
            assertThat(read(reader, 10)).isEqualTo(range(10, 20));
        }
    }

    @Test
    void manyPartitionsAreEachInOrder() {
        write(0, 0, 300, CompressionCodec.ZSTD);
        write(1, 1_000, 1_300, CompressionCodec.LZ4);
        Map<TopicPartition, StartPosition> both =
                Map.of(P0, StartPosition.beginning(), P1, StartPosition.beginning());
        ReaderSettings settings =
                ReaderSettings.defaults().withFetchBytes(1_000).withPrefetchBytes(2_000);
        try (Reader reader = client.reader(settings, both)) {
            List<Integer> values = read(reader, 600);
            assertThat(values.stream().filter(v -> v < 1_000)).isEqualTo(range(0, 300));
            assertThat(values.stream().filter(v -> v >= 1_000)).isEqualTo(range(1_000, 1_300));
        }
    }

    @Test
    void itFetchesAheadButNotWithoutBound() {
        write(0, 0, 2_000, CompressionCodec.NONE);
        ReaderSettings settings =
                ReaderSettings.defaults().withFetchBytes(1_000).withPrefetchBytes(4_000);
        try (Reader reader = client.reader(settings, Map.of(P0, StartPosition.beginning()))) {
            assertThat(reader.poll(LONG)).isNotEmpty();
            assertThat(server.fetchesSeen()).isLessThan(15);
            assertThat(reader.poll(LONG)).isNotEmpty();
        }
    }

    @Test
    void aBrokenConnectionIsSurvivedAtTheSamePlace() {
        write(0, 0, 100, CompressionCodec.NONE);
        try (Reader reader = reader(StartPosition.beginning())) {
            assertThat(read(reader, 100)).isEqualTo(range(0, 100));
            server.breakFetches(2);
            server.restart();
            write(0, 100, 200, CompressionCodec.NONE);
            assertThat(read(reader, 100)).isEqualTo(range(100, 200));
        }
    }

    @Test
    void damagedBytesAreNotDeliveredAndFetchedAgain() {
        write(0, 0, 5, CompressionCodec.NONE);
        server.damageFetches(1);
        try (Reader reader = reader(StartPosition.beginning())) {
            assertThatThrownBy(() -> reader.poll(LONG))
                    .isInstanceOf(MillraceException.Corrupt.class)
                    .hasMessageContaining("topic t, partition 0");
            assertThat(read(reader, 5)).isEqualTo(range(0, 5));
        }
    }

    @Test
    void anOffsetOutOfRangeNamesTheRange() {
        write(0, 0, 100, CompressionCodec.NONE);
        try (Reader reader = reader(StartPosition.offset(101))) {
            assertThatThrownBy(() -> reader.poll(LONG))
                    .isInstanceOfSatisfying(
                            MillraceException.OffsetOutOfRange.class,
                            failure -> {
                                assertThat(failure.logStartOffset()).isZero();
                                assertThat(failure.highWatermark()).isEqualTo(100);
                            });
            reader.seek(P0, StartPosition.offset(99));
            assertThat(read(reader, 1)).isEqualTo(List.of(99));
        }
    }

    @Test
    void aLongOutageIsReported() {
        ReaderSettings settings =
                ReaderSettings.defaults().withUnreachableAfter(Duration.ofMillis(100));
        server.close();
        try (Reader reader = client.reader(settings, Map.of(P0, StartPosition.beginning()))) {
            assertThatThrownBy(() -> reader.poll(LONG))
                    .isInstanceOf(MillraceException.Unreachable.class);
        }
    }

    @Test
    void pollingWithoutBlockingCompletesWhenSomethingComes() throws Exception {
        try (Reader reader = reader(StartPosition.beginning())) {
            var polled = reader.pollAsync();
            assertThat(polled).isNotDone();
            write(0, 0, 1, CompressionCodec.NONE);
            assertThat(polled.get(20, TimeUnit.SECONDS)).isNotEmpty();
        }
    }
}
