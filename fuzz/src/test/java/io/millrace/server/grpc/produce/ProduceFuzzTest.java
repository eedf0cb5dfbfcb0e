package io.millrace.server.grpc.produce;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.metadata.topic.TopicName;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.v1.ProduceRequest;
import io.millrace.protocol.v1.ProduceStreamRequest;
import java.io.IOException;

/** Produce requests: the decoder accepts no more and reads no less than protobuf's. */
class ProduceFuzzTest {

    @FuzzTest(maxDuration = "20m")
    void aRequestIsDecodedAsProtobufDoes(byte[] bytes) throws IOException {
        ProduceMessage decoded;
        try {
            decoded = ProduceDecoder.request(ByteString.copyFrom(bytes));
        } catch (InvalidProtocolBufferException | ProblemException rejected) {
            return;
        }
        ProduceRequest reference;
        try {
            reference = ProduceRequest.parseFrom(bytes);
        } catch (InvalidProtocolBufferException payload) {
            // The decoder leaves payloads to their consumers.
            return;
        }
        if (reference.getTopic().length() <= TopicName.MAX_CHARS) {
            assertThat(decoded.topic()).isEqualTo(reference.getTopic());
        }
        assertThat(decoded.partition()).isEqualTo(reference.getPartition());
        switch (reference.getPayloadCase()) {
            case BATCH -> assertThat(decoded.payload()).isEqualTo(reference.getBatch());
            case RECORDS -> assertThat(decoded.kind()).isEqualTo(ProduceMessage.Payload.RECORDS);
            case PAYLOAD_NOT_SET ->
                    assertThat(decoded.kind()).isEqualTo(ProduceMessage.Payload.NONE);
        }
    }

    @FuzzTest(maxDuration = "20m")
    void aStreamRequestIsDecodedAsProtobufDoes(byte[] bytes) throws IOException {
        ProduceStreamMessage decoded;
        try {
            decoded = ProduceDecoder.streamRequest(ByteString.copyFrom(bytes));
        } catch (InvalidProtocolBufferException | ProblemException rejected) {
            return;
        }
        ProduceStreamRequest reference;
        try {
            reference = ProduceStreamRequest.parseFrom(bytes);
        } catch (InvalidProtocolBufferException payload) {
            return;
        }
        assertThat(decoded.correlationId()).isEqualTo(reference.getCorrelationId());
        assertThat(decoded.requests()).hasSize(reference.getRequestsCount());
    }
}
