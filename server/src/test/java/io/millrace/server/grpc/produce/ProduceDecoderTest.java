package io.millrace.server.grpc.produce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.ProduceStreamRequest;
import io.millrace.protocol.v1.Record;
import io.millrace.protocol.v1.RecordSet;
import io.millrace.server.grpc.call.DecodedRequest;
import io.millrace.server.grpc.call.RequestMarshaller;
import io.millrace.server.grpc.call.WireBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ProduceDecoderTest {

    private static final RecordSet RECORDS =
            RecordSet.newBuilder()
                    .addRecords(Record.newBuilder().setValue(ByteString.copyFromUtf8("line")))
                    .build();

    @Test
    void aReadyBatchIsTheRequestsOwnBytes() throws IOException {
        ProduceRequest request = batch(5000).setTopic("töpic").setIncludeTiming(true).build();
        ProduceMessage message = ProduceDecoder.request(request.toByteString());
        assertThat(message.topic()).isEqualTo("töpic");
        assertThat(message.partition()).isEqualTo(3);
        assertThat(message.kind()).isEqualTo(ProduceMessage.Payload.BATCH);
        assertThat(message.payload()).isEqualTo(request.getBatch());
        assertThat(message.wantTiming()).isTrue();
    }

    @Test
    void recordsAreNotParsed() throws IOException {
        ProduceMessage message =
                ProduceDecoder.request(
                        ProduceRequest.newBuilder().setRecords(RECORDS).build().toByteString());
        assertThat(message.kind()).isEqualTo(ProduceMessage.Payload.RECORDS);
        assertThat(RecordSet.parseFrom(message.payload())).isEqualTo(RECORDS);
    }

    @Test
    void aTraceContextOfAnotherLengthIsIgnored() throws IOException {
        String context = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        ProduceRequest request = batch(10).setTraceparent(context).build();
        assertThat(ProduceDecoder.request(request.toByteString()).traceparent()).isEqualTo(context);
        for (String other : new String[] {"", "x", context + "-", context.repeat(10_000)}) {
            ByteString bytes = request.toBuilder().setTraceparent(other).build().toByteString();
            assertThat(ProduceDecoder.request(bytes).traceparent()).isEmpty();
        }
    }

    @Test
    void missingFieldsAreDetected() throws IOException {
        assertThat(ProduceDecoder.request(ByteString.EMPTY).kind())
                .isEqualTo(ProduceMessage.Payload.NONE);
    }

    @Test
    void theLastPayloadCountsAndRecordsAreMerged() throws IOException {
        ByteString request = ProduceRequest.newBuilder().setRecords(RECORDS).build().toByteString();
        ByteString batch = batch(10).build().toByteString();
        for (ByteString bytes :
                List.of(request.concat(request), batch.concat(request), request.concat(batch))) {
            ProduceRequest expected = ProduceRequest.parseFrom(bytes);
            ProduceMessage message = ProduceDecoder.request(bytes);
            assertThat(message.payload())
                    .isEqualTo(
                            expected.hasBatch()
                                    ? expected.getBatch()
                                    : expected.getRecords().toByteString());
        }
    }

    @Test
    void unknownFieldsAreSkipped() throws IOException {
        UnknownFieldSet.Field field =
                UnknownFieldSet.Field.newBuilder()
                        .addVarint(7)
                        .addLengthDelimited(ByteString.copyFromUtf8("later"))
                        .addGroup(UnknownFieldSet.getDefaultInstance())
                        .build();
        ProduceRequest request =
                batch(20)
                        .setUnknownFields(UnknownFieldSet.newBuilder().addField(99, field).build())
                        .build();
        assertThat(ProduceDecoder.request(request.toByteString()).payload())
                .isEqualTo(request.getBatch());
    }

    @Test
    void aStreamRequestHasItsRequestsInOrder() throws IOException {
        ProduceStreamRequest request =
                ProduceStreamRequest.newBuilder()
                        .setCorrelationId(-7)
                        .addRequests(batch(100).setTopic("a"))
                        .addRequests(batch(200).setTopic("b"))
                        .build();
        ProduceStreamMessage message = ProduceDecoder.streamRequest(request.toByteString());
        assertThat(message.correlationId()).isEqualTo(-7);
        assertThat(message.requests()).extracting(ProduceMessage::topic).containsExactly("a", "b");
        assertThat(message.requests().get(1).payload())
                .isEqualTo(request.getRequests(1).getBatch());
    }

    @Test
    void bytesInPiecesDecodeAsInOne() throws IOException {
        ProduceStreamRequest request =
                ProduceStreamRequest.newBuilder().addRequests(batch(3000).setTopic("t")).build();
        byte[] bytes = request.toByteArray();
        long seed = 0x5EED;
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            List<ByteString> pieces = new ArrayList<>();
            for (int at = 0; at < bytes.length; ) {
                int length = Math.min(bytes.length - at, 1 + random.nextInt(1500));
                ByteBuffer direct = ByteBuffer.allocateDirect(length).put(bytes, at, length).flip();
                pieces.add(UnsafeByteOperations.unsafeWrap(direct));
                at += length;
            }
            ProduceStreamMessage message =
                    ProduceDecoder.streamRequest(ByteString.copyFrom(pieces));
            assertThat(message.requests().getFirst().payload())
                    .as("seed %d round %d", seed, round)
                    .isEqualTo(request.getRequests(0).getBatch());
        }
    }

    @Test
    void bytesCutOffAreRefused() {
        byte[] bytes =
                ProduceStreamRequest.newBuilder()
                        .addRequests(batch(50).setTopic("topic"))
                        .build()
                        .toByteArray();
        for (int length = 1; length < bytes.length; length++) {
            ByteString cut = ByteString.copyFrom(bytes, 0, length);
            assertThatThrownBy(() -> ProduceDecoder.streamRequest(cut))
                    .as("%d bytes", cut.size())
                    .isInstanceOf(InvalidProtocolBufferException.class);
        }
    }

    @Test
    void moreRequestsThanTheLimitAreRefusedWhileDecoding() throws IOException {
        byte[] requests = new byte[2 * ProduceDecoder.MAX_REQUESTS];
        for (int i = 0; i < requests.length; i += 2) {
            requests[i] = 0x12;
        }
        ByteString max = ByteString.copyFrom(requests);
        assertThat(ProduceDecoder.streamRequest(max).requests())
                .hasSize(ProduceDecoder.MAX_REQUESTS);
        ByteString more = max.concat(ByteString.copyFrom(new byte[] {0x12, 0}));
        assertThatThrownBy(() -> ProduceDecoder.streamRequest(more))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        rejected ->
                                assertThat(rejected.problem().reason())
                                        .isEqualTo(Reason.TOO_LARGE));
    }

    @Test
    void aTopicNameIsDecodedNoFurtherThanALegalNameCanReach() throws IOException {
        ByteString bytes = batch(10).setTopic("x".repeat(1 << 20)).build().toByteString();
        assertThat(ProduceDecoder.request(bytes).topic()).isEqualTo("x".repeat(249) + "…");
    }

    @Test
    void malformedBytesAreAResultNotAnException() {
        RequestMarshaller<ProduceMessage> marshaller =
                new RequestMarshaller<>("ProduceRequest", ProduceDecoder::request);
        assertThat(marshaller.parse(new ByteArrayInputStream(new byte[] {0x0a, 0x7f, 1})))
                .isInstanceOf(DecodedRequest.Malformed.class);
        assertThat(marshaller.parse(new ByteArrayInputStream(new byte[WireBytes.LIMIT + 1])))
                .isInstanceOfSatisfying(
                        DecodedRequest.Malformed.class,
                        rejected ->
                                assertThat(rejected.problem().message())
                                        .contains("" + WireBytes.LIMIT));
    }

    private static ProduceRequest.Builder batch(int bytes) {
        byte[] batch = new byte[bytes];
        new Random(bytes).nextBytes(batch);
        return ProduceRequest.newBuilder().setPartition(3).setBatch(ByteString.copyFrom(batch));
    }
}
