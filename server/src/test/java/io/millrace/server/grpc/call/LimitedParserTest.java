package io.millrace.server.grpc.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.protocol.v1.CommitGroupOffsetsRequest;
import io.millrace.protocol.v1.CreateTopicRequest;
import io.millrace.protocol.v1.FetchPartition;
import io.millrace.protocol.v1.FetchRequest;
import io.millrace.protocol.v1.ListOffsetsRequest;
import io.millrace.protocol.v1.ResetGroupOffsetsRequest;
import io.millrace.protocol.v1.SubscribeRequest;
import io.millrace.protocol.v1.peer.SessionRequest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LimitedParserTest {

    private static final int MAX = LimitedParser.MAX_ELEMENTS;

    private static DecodedRequest<?> parse(Message prototype, byte[] bytes) {
        return RequestMarshaller.of(prototype).parse(new ByteArrayInputStream(bytes));
    }

    private static Problem rejected(Message prototype, byte[] bytes) {
        assertThat(parse(prototype, bytes))
                .as(prototype.getClass().getSimpleName())
                .isInstanceOf(DecodedRequest.Malformed.class);
        return ((DecodedRequest.Malformed<?>) parse(prototype, bytes)).problem();
    }

    private static byte[] repeated(int times, int... bytes) {
        ByteArrayOutputStream all = new ByteArrayOutputStream(times * bytes.length);
        for (int i = 0; i < times; i++) {
            for (int each : bytes) {
                all.write(each);
            }
        }
        return all.toByteArray();
    }

    /** Returns a field with the bytes as its value. */
    private static byte[] nested(int field, byte[] value) {
        ByteString.Output all = ByteString.newOutput();
        all.write(field << 3 | 2);
        for (int left = value.length; ; left >>>= 7) {
            if (left < 0x80) {
                all.write(left);
                break;
            }
            all.write(left & 0x7f | 0x80);
        }
        all.write(value, 0, value.length);
        return all.toByteString().toByteArray();
    }

    static Stream<Arguments> tooManyElements() {
        int more = MAX + 1;
        return Stream.of(
                argumentSet("fetch", FetchRequest.getDefaultInstance(), repeated(more, 0x0a, 0)),
                argumentSet(
                        "list offsets",
                        ListOffsetsRequest.getDefaultInstance(),
                        repeated(more, 0x0a, 0)),
                argumentSet(
                        "commit of a group",
                        CommitGroupOffsetsRequest.getDefaultInstance(),
                        repeated(more, 0x12, 0)),
                argumentSet(
                        "map", CreateTopicRequest.getDefaultInstance(), repeated(more, 0x1a, 0)),
                argumentSet(
                        "packed numbers",
                        ResetGroupOffsetsRequest.getDefaultInstance(),
                        nested(3, new byte[more])),
                argumentSet(
                        "topics of an Open",
                        SubscribeRequest.getDefaultInstance(),
                        nested(1, repeated(more, 0x22, 0))),
                argumentSet(
                        "partitions of a session",
                        SessionRequest.getDefaultInstance(),
                        nested(3, repeated(more, 0x0a, 0))),
                argumentSet(
                        "merged messages",
                        SessionRequest.getDefaultInstance(),
                        repeated(more, 0x1a, 2, 0x0a, 0)),
                argumentSet(
                        "unknown fields",
                        FetchRequest.getDefaultInstance(),
                        repeated(more, 0x78, 0)),
                argumentSet(
                        "known fields of another wire type",
                        FetchRequest.getDefaultInstance(),
                        repeated(more, 0x08, 0)));
    }

    @ParameterizedTest
    @MethodSource
    void tooManyElements(Message prototype, byte[] bytes) {
        Problem problem = rejected(prototype, bytes);
        assertThat(problem.reason()).isEqualTo(Reason.TOO_LARGE);
        assertThat(problem.message()).contains("100,000 elements", "split the request");
    }

    @Test
    void groupsAreRejected() {
        assertThat(rejected(FetchRequest.getDefaultInstance(), repeated(MAX, 0x7b, 0x7c)).reason())
                .isEqualTo(Reason.MALFORMED_REQUEST);
    }

    @Test
    void aLongTextIsRejected() {
        byte[] bytes =
                FetchRequest.newBuilder()
                        .addPartitions(FetchPartition.newBuilder().setTopic("t".repeat(20_000)))
                        .build()
                        .toByteArray();
        Problem problem = rejected(FetchRequest.getDefaultInstance(), bytes);
        assertThat(problem.reason()).isEqualTo(Reason.TOO_LARGE);
        assertThat(problem.message()).contains("topic", "20,000", "16,384");
    }

    @Test
    void aRequestAtTheLimitIsParsed() {
        FetchRequest request =
                FetchRequest.newBuilder()
                        .addAllPartitions(
                                IntStream.range(0, MAX)
                                        .mapToObj(p ->
                                                FetchPartition.newBuilder()
                                                        .setTopic("t")
                                                        .setPartition(p)
                                                        .setOffset(-1)
                                                        .build())
                                        .toList())
                        .setMaxBytes(1)
                        .build();
        assertThat(parse(FetchRequest.getDefaultInstance(), request.toByteArray()))
                .isEqualTo(new DecodedRequest.Message<>(request));
    }
}
