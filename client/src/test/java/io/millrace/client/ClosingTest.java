package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.FakeServer.Fault;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.producer.ProduceResult;
import io.millrace.client.producer.Producer;
import io.millrace.client.producer.ProducerSettings;
import io.millrace.client.reader.Reader;
import io.millrace.client.reader.ReaderSettings;
import io.millrace.client.record.BatchWriter;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.client.record.ReadBatch;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests of pending operations when a producer, a reader or the client is closed. */
class ClosingTest {

    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final TopicPartition T0 = new TopicPartition("t", 0);

    private final FakeServer server = new FakeServer();
    private final MillraceClient client = MillraceClient.connect(server.address());

    @BeforeEach
    void createTopic() {
        client.topics().create("t", 1, Map.of());
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    private static ProducerSettings.Builder settings() {
        return ProducerSettings.builder()
                .codec(CompressionCodec.NONE)
                .linger(Duration.ofMinutes(1));
    }

    private static OutgoingRecord record(int number) {
        return OutgoingRecord.of("t", null, ("" + number).getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] packed() {
        BatchWriter writer = new BatchWriter(256);
        writer.append(null, null, List.of(), 1);
        writer.seal(CompressionCodec.NONE);
        return writer.toByteString().toByteArray();
    }

    private static void assertFails(
            CompletableFuture<?> future, Class<? extends MillraceException> how) {
        assertThat(future).failsWithin(BOUND).withThrowableThat().havingCause().isInstanceOf(how);
    }

    @Test
    void whatIsGatheredGoesOutBeforeABatchMadeElsewhere() {
        try (Producer producer = client.producer(settings().build())) {
            CompletableFuture<ProduceResult> gathered = producer.send(record(0));
            CompletableFuture<ProduceResult> made = producer.sendBatch("t", 0, packed());
            assertThat(gathered)
                    .succeedsWithin(BOUND)
                    .extracting(ProduceResult::offset)
                    .isEqualTo(0L);
            assertThat(made).succeedsWithin(BOUND).extracting(ProduceResult::offset).isEqualTo(1L);
        }
    }

    @Test
    void closingWhileARetryWaitsFailsWhatIsLeftAsNotStored() {
        Producer producer = client.producer(settings().build());
        Fault rejection = new Fault.RejectBatch(new Problem(Reason.STORAGE_UNAVAILABLE, "Away."));
        server.next(IntStream.range(0, 10_000).mapToObj(i -> rejection).toArray(Fault[]::new));
        CompletableFuture<ProduceResult> sent = producer.send(record(0));
        producer.close(Duration.ofMillis(300));
        assertThat(sent).isCompletedExceptionally();
        assertThatThrownBy(() -> producer.send(record(1)))
                .isInstanceOf(MillraceException.Closed.class);
        assertThat(server.log().all("t", 0).sizeInBytes()).isZero();
    }

    @Test
    void everyRecordThatRacesWithTheEndIsToldItsFate() throws Exception {
        for (int round = 0; round < 50; round++) {
            Producer producer = client.producer(settings().build());
            CountDownLatch sending = new CountDownLatch(1);
            List<CompletableFuture<ProduceResult>> sent =
                    java.util.Collections.synchronizedList(new java.util.ArrayList<>());
            Thread sender =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    for (int i = 0; ; i++) {
                                        sent.add(producer.send(record(i)));
                                        sending.countDown();
                                    }
                                } catch (MillraceException.Closed over) {
                                    // The expected end.
                                }
                            });
            assertThat(sending.await(20, TimeUnit.SECONDS)).isTrue();
            producer.close();
            assertThat(sender.join(BOUND)).isTrue();
            CompletableFuture<?> all =
                    CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new));
            assertThat(all.handle((done, failure) -> true)).succeedsWithin(BOUND);
        }
    }

    @Test
    void aProducerIsNotClosedOnTheThreadThatItWouldWaitFor() {
        try (Producer producer = client.producer(settings().build())) {
            CompletableFuture<Void> closed = producer.send(record(0)).thenRun(producer::close);
            producer.flush();
            assertThat(closed)
                    .failsWithin(BOUND)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void theEndOfTheClientFailsWhatItsProducersHaveNotStored() {
        server.pause();
        Producer producer = client.producer(settings().build());
        CompletableFuture<ProduceResult> gathered = producer.send(record(0));
        client.close();
        assertFails(gathered, MillraceException.class);
        assertThatThrownBy(() -> producer.send(record(1)))
                .isInstanceOf(MillraceException.Closed.class);
        producer.close();
    }

    @Test
    void whatIsAskedOfAClosedClientFailsAsClosed() {
        Producer producer = client.producer(settings().build());
        Reader reader =
                client.reader(ReaderSettings.defaults(), Map.of(T0, StartPosition.beginning()));
        client.close();
        assertThatThrownBy(producer::flush).isInstanceOf(MillraceException.Closed.class);
        assertThatThrownBy(() -> reader.seek(T0, StartPosition.end()))
                .isInstanceOf(MillraceException.Closed.class);
    }

    @Test
    void theEndOfAReaderFailsAPollThatWaits() {
        Reader reader =
                client.reader(ReaderSettings.defaults(), Map.of(T0, StartPosition.beginning()));
        CompletableFuture<List<ReadBatch>> waiting = reader.pollAsync();
        assertThat(waiting).isNotDone();
        reader.close();
        assertFails(waiting, MillraceException.Closed.class);
        assertThatThrownBy(() -> reader.poll(BOUND)).isInstanceOf(MillraceException.Closed.class);
    }

    @Test
    void theEndOfTheClientFailsAPollThatWaits() {
        Reader reader =
                client.reader(ReaderSettings.defaults(), Map.of(T0, StartPosition.beginning()));
        CompletableFuture<List<ReadBatch>> waiting = reader.pollAsync();
        client.close();
        assertFails(waiting, MillraceException.Closed.class);
    }

    @Test
    void aProducerWithoutRoomIsNotReadyBeforeThereIsSome() {
        server.pause();
        ProducerSettings small =
                settings().linger(Duration.ZERO).batchBytes(256).bufferBytes(1_000).build();
        try (Producer producer = client.producer(small)) {
            producer.whenReady("t").join();
            while (producer.trySend(record(0)).isPresent()) {}
            CompletableFuture<Void> ready = producer.whenReady("t");
            assertThat(ready).isNotDone();
            server.restart();
            assertThat(ready).succeedsWithin(BOUND);
            producer.flush();
        }
    }
}
