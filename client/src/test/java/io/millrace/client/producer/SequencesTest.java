package io.millrace.client.producer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.millrace.client.FakeServer;
import io.millrace.client.FakeServer.Fault;
import io.millrace.client.MillraceClient;
import io.millrace.client.cluster.PinnedNode;
import io.millrace.client.connection.ClientSettings;
import io.millrace.client.connection.Connection;
import io.millrace.client.connection.IoThread;
import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.ClientMetrics;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.BatchWriter;
import io.millrace.client.record.OutgoingRecord;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.retry.Backoff;
import io.netty.channel.nio.NioEventLoopGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SequencesTest {

    private static final Fault.None NONE = new Fault.None();
    private static final Fault.RejectBatch AWAY =
            new Fault.RejectBatch(new Problem(Reason.STORAGE_UNAVAILABLE, "Away."));
    private static final Fault.RejectBatch OUT_OF_ORDER =
            new Fault.RejectBatch(new Problem(Reason.OUT_OF_ORDER_SEQUENCE, "One is missing."));
    private static final Fault.RejectBatch FENCED =
            new Fault.RejectBatch(new Problem(Reason.PRODUCER_FENCED, "t-0: a newer epoch."));

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

    private static ProducerSettings settings() {
        return ProducerSettings.builder()
                .batchBytes(256)
                .linger(Duration.ofMinutes(1))
                .codec(CompressionCodec.NONE)
                .build();
    }

    private static List<CompletableFuture<ProduceResult>> send(
            Producer producer, int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> producer.send(OutgoingRecord.of("t", null, text(i))))
                .toList();
    }

    private static byte[] text(int number) {
        return ("" + number).getBytes(UTF_8);
    }

    private List<String> stored() {
        return StreamSupport.stream(server.log().all("t", 0).records().spliterator(), false)
                .map(record -> UTF_8.decode(record.value()).toString())
                .toList();
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "" + i).toList();
    }

    private Set<Long> producerIds() {
        Set<Long> ids = new HashSet<>();
        for (MutableRecordBatch batch : server.log().all("t", 0).batches()) {
            ids.add(batch.producerId());
        }
        return ids;
    }

    @Test
    void successorsOfAFailedBatchAreRetriedWithTheirSequences() {
        try (Producer producer = client.producer(settings())) {
            server.next(NONE, AWAY, OUT_OF_ORDER, OUT_OF_ORDER, OUT_OF_ORDER, AWAY, OUT_OF_ORDER);
            List<CompletableFuture<ProduceResult>> sent = send(producer, 0, 200);
            producer.flush();
            assertThat(Producer.await(sent, Duration.ZERO))
                    .noneMatch(ProduceResult::duplicate)
                    .extracting(each -> (int) each.offset())
                    .isEqualTo(IntStream.range(0, 200).boxed().toList());
        }
        assertThat(stored()).isEqualTo(numbers(0, 200));
        assertThat(producerIds()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(
            names = {"PERMISSION_DENIED", "UNAUTHENTICATED", "INVALID_ARGUMENT", "UNIMPLEMENTED"})
    void aBatchOfAStreamThatEndsMayBeStoredWhateverTheStatus(Status.Code code) {
        try (Producer producer = client.producer(settings())) {
            server.next(new Fault.StoreAndEnd(code.toStatus()));
            List<CompletableFuture<ProduceResult>> sent = new ArrayList<>(send(producer, 0, 1));
            producer.flush();
            sent.addAll(send(producer, 1, 2));
            producer.flush();
            assertThat(Producer.await(sent, Duration.ZERO))
                    .extracting(ProduceResult::offset)
                    .containsExactly(0L, 1L);
        }
        assertThat(stored()).isEqualTo(numbers(0, 2));
        assertThat(producerIds()).hasSize(1);
    }

    @Test
    void aBatchWithAnUnknownReasonMayBeStored() {
        com.google.rpc.Status ofANewerServer =
                com.google.rpc.Status.newBuilder().setCode(9).setMessage("Something new.").build();
        try (Producer producer = client.producer(settings())) {
            server.next(new Fault.StoreAndReport(ofANewerServer));
            List<CompletableFuture<ProduceResult>> sent = send(producer, 0, 1);
            producer.flush();
            assertThat(Producer.await(sent, Duration.ZERO))
                    .first()
                    .matches(ProduceResult::duplicate);
        }
        assertThat(stored()).isEqualTo(numbers(0, 1));
    }

    @Test
    void aBatchThatIsOutOfOrderThoughNothingFailedBeforeItGetsNewNumbers() {
        try (Producer producer = client.producer(settings())) {
            List<CompletableFuture<ProduceResult>> sent = new ArrayList<>(send(producer, 0, 20));
            producer.flush();
            server.next(OUT_OF_ORDER);
            sent.addAll(send(producer, 20, 100));
            producer.flush();
            assertThat(sent).noneMatch(CompletableFuture::isCompletedExceptionally);
        }
        assertThat(stored()).isEqualTo(numbers(0, 100));
        assertThat(producerIds()).hasSize(2);
    }

    @Test
    void aBatchThatMayBeStoredNeverGetsNewNumbers() {
        try (Producer producer = client.producer(settings())) {
            send(producer, 0, 1);
            producer.flush();
            server.next(new Fault.StoreAndDoubt(), OUT_OF_ORDER);
            CompletableFuture<ProduceResult> doubtful = send(producer, 1, 2).getFirst();
            producer.flush();
            assertThat(doubtful)
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(MillraceException.OutcomeUnknown.class);
        }
        assertThat(stored()).isEqualTo(numbers(0, 2));
    }

    @Test
    void aFencedProducerFailsAllBatchesWithAdvice() {
        try (Producer producer = client.producer(settings())) {
            send(producer, 0, 1);
            producer.flush();
            server.next(FENCED);
            CompletableFuture<ProduceResult> fenced = send(producer, 1, 2).getFirst();
            producer.flush();
            CompletableFuture<ProduceResult> later = send(producer, 2, 3).getFirst();
            producer.flush();
            assertThat(later)
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOfSatisfying(
                            MillraceException.Rejected.class,
                            rejected -> {
                                assertThat(rejected.reason()).contains(Reason.PRODUCER_FENCED);
                                assertThat(rejected.retriable()).isFalse();
                            })
                    .withMessageContaining("open a new one");
            assertThat(fenced)
                    .failsWithin(Duration.ZERO)
                    .withThrowableThat()
                    .havingCause()
                    .withMessageContaining("open a new one");
        }
        try (Producer next = client.producer(settings())) {
            send(next, 3, 4);
        }
        assertThat(stored()).containsExactly("0", "3");
    }

    /** A fault of a batch that crosses the largest sequence. */
    enum AtTheEnd {
        NOTHING,
        STORED_AND_BROKEN(NONE, new Fault.StoreAndBreak()),
        REJECTED(NONE, AWAY),
        BROKEN(NONE, new Fault.Break()),
        CUT(NONE, new Fault.RejectBatch(new Problem(Reason.TOO_LARGE, "Too large.")));

        private final Fault[] faults;

        AtTheEnd(Fault... faults) {
            this.faults = faults;
        }
    }

    @ParameterizedTest
    @EnumSource(AtTheEnd.class)
    void afterTheLargestSequenceComesZero(AtTheEnd what) throws Exception {
        int first = Integer.MAX_VALUE - 4;
        ProducerIdAndEpoch producerId =
                new ProducerIdAndEpoch(server.log().producerAt("t", 0, first), 0);
        PartitionQueue queue =
                new PartitionQueue(
                        new TopicPartition("t", 0),
                        SequencedPartition.resumed(512, producerId, first));
        server.next(what.faults);
        NioEventLoopGroup group = new NioEventLoopGroup(1);
        ManagedChannel channel =
                NettyChannelBuilder.forTarget(server.address()).usePlaintext().build();
        try {
            BatchDispatcher sender =
                    new BatchDispatcher(
                            settings(),
                            new IoThread(group.next()),
                            new PinnedNode(
                                    new Connection(
                                            ClientSettings.Address.parse(server.address()),
                                            List.of(channel))),
                            new ProducerMemory(1 << 20),
                            Backoff.jittered(
                                    Duration.ofMillis(20),
                                    Duration.ofSeconds(1),
                                    new SplittableRandom(1)),
                            ClientMetrics.NONE);
            // Before, across and after the largest sequence.
            sender.submit(batch(queue, 0, 3));
            sender.submit(batch(queue, 3, 10));
            sender.submit(batch(queue, 10, 12));
            sender.wake();
            sender.whenSettled().get(20, TimeUnit.SECONDS);
            assertThat(stored()).isEqualTo(numbers(0, 12));
            assertThat(producerIds()).hasSize(1);
            assertThat(queue.sequenced.nextSequence()).isEqualTo(12 - 5);
            sender.close().get(20, TimeUnit.SECONDS);
        } finally {
            channel.shutdownNow();
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
        }
    }

    private static PendingBatch batch(PartitionQueue queue, int from, int to) {
        PendingBatch batch =
                new PendingBatch(
                        queue, System.nanoTime(), new BatchPayload.Encoded(new BatchWriter(256)));
        for (int i = from; i < to; i++) {
            batch.append(
                    OutgoingRecord.of("t", null, text(i)),
                    1,
                    0,
                    new DeliveryListener() {
                        @Override
                        public void stored(ProduceResult stored, int index) {}

                        @Override
                        public void failed(MillraceException failure) {
                            throw new AssertionError(failure);
                        }
                    });
        }
        batch.finish(CompressionCodec.NONE);
        return batch;
    }
}
