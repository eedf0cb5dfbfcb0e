package io.millrace.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.AddPartitionsRequest;
import io.millrace.protocol.v1.AdminGrpc;
import io.millrace.protocol.v1.CreateTopicRequest;
import io.millrace.protocol.v1.DeleteTopicRequest;
import io.millrace.protocol.v1.DescribeTopicRequest;
import io.millrace.protocol.v1.FetchedPartition;
import io.millrace.protocol.v1.IngestGrpc;
import io.millrace.protocol.v1.ListTopicsRequest;
import io.millrace.protocol.v1.PartitionDescription;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of invalid request is answered with a clear error, and nothing is stored. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputIT {

    private static final int ATTRIBUTES = 21;
    private static final int LAST_OFFSET_DELTA = 23;
    private static final int MAGIC = 16;
    private static final int PRODUCER_ID = 43;
    private static final int BASE_SEQUENCE = 53;
    private static final int CRC = 17;

    @TempDir static Path data;

    private MillraceProcess server;
    private ManagedChannel channel;

    @BeforeAll
    void start() {
        server = MillraceProcess.up(data);
        channel = server.connect();
        AdminGrpc.newBlockingStub(channel)
                .createTopic(CreateTopicRequest.newBuilder().setName("t").build());
        AdminGrpc.newBlockingStub(channel)
                .createTopic(
                        CreateTopicRequest.newBuilder()
                                .setName("compacted")
                                .putConfig("cleanup.policy", "compact")
                                .build());
    }

    @AfterAll
    void stop() {
        channel.shutdownNow();
        assertThat(server.errors()).doesNotContain("\tat ");
        server.close();
    }

    private PartitionDescription before;

    @BeforeEach
    void remember() {
        before = partition();
    }

    @AfterEach
    void nothingWasStored() {
        assertThat(partition()).isEqualTo(before);
        KafkaBatches.read(PartitionReader.fetch(channel, "t", 0, 0).getBatches());
    }

    @Test
    void anUnknownTopic() {
        rejected(request(good()).setTopic("nowhere"), Reason.UNKNOWN_TOPIC, "nowhere");
    }

    @Test
    void anUnknownPartition() {
        rejected(request(good()).setPartition(1), Reason.UNKNOWN_PARTITION, "1");
        rejected(request(good()).setPartition(-1), Reason.UNKNOWN_PARTITION, "-1");
    }

    @Test
    void aBatchThatIsCutOff() {
        byte[] good = good();
        for (int length : new int[] {0, 1, 11, 12, 60, 61, good.length - 1}) {
            rejected(request(Arrays.copyOf(good, length)), Reason.MALFORMED_BATCH, "");
        }
    }

    @Test
    void bytesAfterABatch() {
        byte[] good = good();
        rejected(request(Arrays.copyOf(good, good.length + 1)), Reason.MALFORMED_BATCH, "");
    }

    @Test
    void garbage() {
        rejected(
                request(
                        "no batch at all, only text that is long enough for a header of 61 bytes"
                                .getBytes(UTF_8)),
                Reason.UNSUPPORTED_BATCH,
                "");
    }

    @Test
    void aWrongChecksum() {
        byte[] bad = good();
        bad[bad.length - 1] ^= 1;
        rejected(request(bad), Reason.CHECKSUM_MISMATCH, "CRC");
    }

    @Test
    void anotherMagic() {
        rejected(request(changed(b -> b.put(MAGIC, (byte) 1))), Reason.UNSUPPORTED_BATCH, "");
    }

    @Test
    void aForgedControlBatch() {
        rejected(
                request(changed(b -> b.putShort(ATTRIBUTES, (short) 0x20))),
                Reason.CONTROL_BATCH,
                "");
    }

    @Test
    void wrongCounts() {
        rejected(
                request(changed(b -> b.putInt(LAST_OFFSET_DELTA, 7))),
                Reason.RECORD_COUNT_MISMATCH,
                "");
    }

    @Test
    void negativeSequences() {
        rejected(
                request(
                        changed(b ->
                                b.putLong(PRODUCER_ID, 5)
                                        .putShort(51, (short) 0)
                                        .putInt(BASE_SEQUENCE, -3))),
                Reason.INVALID_SEQUENCE,
                "");
    }

    @Test
    void aSequenceOfAnUnknownProducerId() {
        rejected(
                request(KafkaBatches.idempotent(1L << 40, 0, "v".getBytes(UTF_8))),
                Reason.UNKNOWN_PRODUCER,
                "");
    }

    @Test
    void anOversizedBatch() {
        rejected(
                request(KafkaBatches.batch(new byte[2 << 20])),
                Reason.TOO_LARGE,
                "max.message.bytes");
    }

    @Test
    void anOversizedRecord() {
        rejected(
                records(
                        Record.newBuilder()
                                .setValue(ByteString.copyFrom(new byte[2 << 20]))
                                .build()),
                Reason.TOO_LARGE,
                "max.message.bytes");
    }

    @Test
    void anOversizedRequest() {
        rejected(request(new byte[32 << 20]), Reason.TOO_LARGE, "");
    }

    @Test
    void aRecordWithoutKeyForACompactedTopic() {
        rejected(
                records(Record.newBuilder().setValue(ByteString.copyFromUtf8("v")).build())
                        .setTopic("compacted"),
                Reason.NULL_KEY,
                "compacted");
        rejected(request(good()).setTopic("compacted"), Reason.NULL_KEY, "compacted");
    }

    @Test
    void nothingToStore() {
        rejected(ProduceRequest.newBuilder().setTopic("t"), Reason.MALFORMED_REQUEST, "");
        rejected(records(), Reason.MALFORMED_REQUEST, "");
    }

    @Test
    void bytesThatAreNoProtobuf() {
        for (String method : new String[] {"Ingest/Produce", "Fetch/Fetch", "Admin/CreateTopic"}) {
            MethodDescriptor<byte[], byte[]> raw =
                    MethodDescriptor.<byte[], byte[]>newBuilder()
                            .setType(MethodDescriptor.MethodType.UNARY)
                            .setFullMethodName("millrace.v1." + method)
                            .setRequestMarshaller(new Bytes())
                            .setResponseMarshaller(new Bytes())
                            .build();
            Problem problem =
                    problem(() ->
                            ClientCalls.blockingUnaryCall(
                                    channel,
                                    raw,
                                    CallOptions.DEFAULT,
                                    new byte[] {(byte) 0x0a, (byte) 0x7f, 1, 2, 3}));
            assertThat(problem.reason()).as(method).isEqualTo(Reason.MALFORMED_REQUEST);
        }
    }

    @Test
    void anOffsetOutOfRangeCarriesTheValidRange() {
        FetchedPartition fetched = PartitionReader.fetch(channel, "t", 0, 1000);
        Problem problem = Problem.fromStatus(fetched.getError()).orElseThrow();
        assertThat(problem.reason()).isEqualTo(Reason.OFFSET_OUT_OF_RANGE);
        assertThat(problem.details())
                .containsEntry("log_start_offset", "" + before.getLogStartOffset())
                .containsEntry("high_watermark", "" + before.getHighWatermark());
        assertThat(problem.message()).contains("1000");
    }

    @Test
    void fetchOfUnknownTopicsAndPartitions() {
        assertThat(
                        Problem.fromStatus(
                                        PartitionReader.fetch(channel, "nowhere", 0, 0).getError())
                                .orElseThrow()
                                .reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(
                        Problem.fromStatus(PartitionReader.fetch(channel, "t", 9, 0).getError())
                                .orElseThrow()
                                .reason())
                .isEqualTo(Reason.UNKNOWN_PARTITION);
    }

    @Test
    void illegalTopicsAreNotCreated() {
        AdminGrpc.AdminBlockingStub admin = AdminGrpc.newBlockingStub(channel);
        var topics = admin.listTopics(ListTopicsRequest.getDefaultInstance());
        for (String name : new String[] {"", ".", "..", "a b", "ü", "a/b", "x".repeat(250)}) {
            create(admin, CreateTopicRequest.newBuilder().setName(name), Reason.INVALID_TOPIC_NAME);
        }
        create(admin, CreateTopicRequest.newBuilder().setName("t"), Reason.TOPIC_EXISTS);
        create(
                admin,
                CreateTopicRequest.newBuilder().setName("n").setPartitionCount(-1),
                Reason.INVALID_PARTITION_COUNT);
        create(
                admin,
                CreateTopicRequest.newBuilder().setName("n").setPartitionCount(100_001),
                Reason.INVALID_PARTITION_COUNT);
        create(
                admin,
                CreateTopicRequest.newBuilder().setName("n").putConfig("retention.ms", "soon"),
                Reason.INVALID_CONFIG);
        create(
                admin,
                CreateTopicRequest.newBuilder().setName("n").putConfig("no.such.key", "1"),
                Reason.INVALID_CONFIG);
        assertThat(admin.listTopics(ListTopicsRequest.getDefaultInstance())).isEqualTo(topics);
    }

    @Test
    void unknownTopicsAreNotChanged() {
        AdminGrpc.AdminBlockingStub admin = AdminGrpc.newBlockingStub(channel);
        assertThat(
                        problem(() ->
                                        admin.deleteTopic(
                                                DeleteTopicRequest.newBuilder()
                                                        .setName("no")
                                                        .build()))
                                .reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(
                        problem(() ->
                                        admin.describeTopic(
                                                DescribeTopicRequest.newBuilder()
                                                        .setName("no")
                                                        .build()))
                                .reason())
                .isEqualTo(Reason.UNKNOWN_TOPIC);
        assertThat(
                        problem(() ->
                                        admin.addPartitions(
                                                AddPartitionsRequest.newBuilder()
                                                        .setName("t")
                                                        .setPartitionCount(1)
                                                        .build()))
                                .reason())
                .isEqualTo(Reason.INVALID_PARTITION_COUNT);
    }

    private static void create(
            AdminGrpc.AdminBlockingStub admin, CreateTopicRequest.Builder request, Reason reason) {
        Problem problem = problem(() -> admin.createTopic(request.build()));
        assertThat(problem.reason()).as("%s", request).isEqualTo(reason);
    }

    private void rejected(ProduceRequest.Builder request, Reason reason, String named) {
        Problem problem =
                problem(() -> IngestGrpc.newBlockingStub(channel).produce(request.build()));
        assertThat(problem.reason()).as(problem.message()).isEqualTo(reason);
        assertThat(problem.message()).contains(named).endsWith(".");
    }

    private static Problem problem(ThrowingCallable call) {
        StatusRuntimeException failed = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(failed).as("the call must fail").isNotNull();
        return Optional.ofNullable(StatusProto.fromThrowable(failed))
                .flatMap(Problem::fromStatus)
                .orElseThrow(() -> new AssertionError("not one of our errors", failed));
    }

    private static ProduceRequest.Builder request(byte[] batch) {
        return ProduceRequest.newBuilder().setTopic("t").setBatch(KafkaBatches.wrap(batch));
    }

    private static ProduceRequest.Builder records(Record... records) {
        return ProduceRequest.newBuilder()
                .setTopic("t")
                .setRecords(RecordSet.newBuilder().addAllRecords(List.of(records)));
    }

    private static byte[] good() {
        return KafkaBatches.batch("one".getBytes(UTF_8), "two".getBytes(UTF_8));
    }

    /** Returns a batch with a change in its header and a matching checksum. */
    private static byte[] changed(Consumer<ByteBuffer> change) {
        byte[] batch = good();
        ByteBuffer buffer = ByteBuffer.wrap(batch);
        change.accept(buffer);
        CRC32C crc = new CRC32C();
        crc.update(batch, ATTRIBUTES, batch.length - ATTRIBUTES);
        buffer.putInt(CRC, (int) crc.getValue());
        return batch;
    }

    private PartitionDescription partition() {
        return AdminGrpc.newBlockingStub(channel)
                .describeTopic(DescribeTopicRequest.newBuilder().setName("t").build())
                .getPartitions(0);
    }

    /** Marshals bytes unchanged. */
    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
