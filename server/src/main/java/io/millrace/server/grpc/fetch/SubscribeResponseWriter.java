package io.millrace.server.grpc.fetch;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import io.millrace.fetch.BatchRun;
import io.millrace.fetch.subscribe.SubscriberResponse;
import io.millrace.fetch.subscribe.TopicPartition;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.Assigned;
import io.millrace.protocol.v1.AssignedPartition;
import io.millrace.protocol.v1.Batches;
import io.millrace.protocol.v1.Committed;
import io.millrace.protocol.v1.HeartbeatAck;
import io.millrace.protocol.v1.Invited;
import io.millrace.protocol.v1.Joined;
import io.millrace.protocol.v1.Lost;
import io.millrace.protocol.v1.PartitionFailed;
import io.millrace.protocol.v1.Revoke;
import io.millrace.protocol.v1.Sought;
import io.millrace.protocol.v1.SubscribeResponse;
import io.millrace.server.grpc.call.ResponseMarshaller;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A {@code millrace.v1.SubscribeResponse} whose batches are copied once, from the cache into the
 * transport's buffers.
 */
final class SubscribeResponseWriter {

    static final MethodDescriptor.Marshaller<SubscribeResponseWriter> MARSHALLER =
            new ResponseMarshaller<>(
                    answer -> new FetchResponseStream(List.of(answer.section), answer.sizeBytes()));

    private final FetchResponseWriter.Section section;

    private SubscribeResponseWriter(FetchResponseWriter.Section section) {
        this.section = section;
    }

    static SubscribeResponseWriter of(SubscriberResponse message) {
        return new SubscribeResponseWriter(
                message instanceof SubscriberResponse.Batches batches
                        ? batches(batches)
                        : new FetchResponseWriter.Section(
                                response(message).build().toByteArray(), BatchRun.EMPTY));
    }

    int sizeBytes() {
        return section.before().length + section.batches().sizeBytes();
    }

    /** Batches are the last field, so that they follow the encoded bytes without a copy. */
    private static FetchResponseWriter.Section batches(SubscriberResponse.Batches message) {
        Batches header =
                Batches.newBuilder()
                        .setTopic(message.partition().topic())
                        .setPartition(message.partition().partition())
                        .setHighWatermark(message.highWatermark())
                        .build();
        int size = message.batches().sizeBytes();
        int inner =
                header.getSerializedSize()
                        + CodedOutputStream.computeTagSize(Batches.BATCHES_FIELD_NUMBER)
                        + CodedOutputStream.computeUInt32SizeNoTag(size)
                        + size;
        byte[] before =
                new byte
                        [CodedOutputStream.computeTagSize(SubscribeResponse.BATCHES_FIELD_NUMBER)
                                + CodedOutputStream.computeUInt32SizeNoTag(inner)
                                + inner
                                - size];
        CodedOutputStream out = CodedOutputStream.newInstance(before);
        try {
            out.writeTag(
                    SubscribeResponse.BATCHES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(inner);
            header.writeTo(out);
            out.writeTag(Batches.BATCHES_FIELD_NUMBER, WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt32NoTag(size);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        out.checkNoSpaceLeft();
        return new FetchResponseWriter.Section(before, message.batches());
    }

    private static SubscribeResponse.Builder response(SubscriberResponse message) {
        SubscribeResponse.Builder response = SubscribeResponse.newBuilder();
        return switch (message) {
            case SubscriberResponse.Invited(var memberId) ->
                    response.setInvited(Invited.newBuilder().setMemberId(memberId));
            case SubscriberResponse.Joined(
                            var memberId,
                            var heartbeatInterval,
                            var sessionTimeout) ->
                    response.setJoined(
                            Joined.newBuilder()
                                    .setMemberId(memberId)
                                    .setHeartbeatIntervalMs((int) heartbeatInterval.toMillis())
                                    .setSessionTimeoutMs((int) sessionTimeout.toMillis()));
            case SubscriberResponse.Assigned(var partitions) -> {
                Assigned.Builder assigned = Assigned.newBuilder();
                partitions.forEach(start -> assigned.addPartitions(start(start)));
                yield response.setAssigned(assigned);
            }
            case SubscriberResponse.Revoke(var partitions) -> {
                Revoke.Builder revoke = Revoke.newBuilder();
                partitions.forEach(released -> revoke.addPartitions(name(released)));
                yield response.setRevoke(revoke);
            }
            case SubscriberResponse.Lost(var partitions) -> {
                Lost.Builder lost = Lost.newBuilder();
                partitions.forEach(released -> lost.addPartitions(name(released)));
                yield response.setLost(lost);
            }
            case SubscriberResponse.Batches batches ->
                    throw new IllegalArgumentException("batches are not copied");
            case SubscriberResponse.Committed(long id, var problem) -> {
                Committed.Builder committed = Committed.newBuilder().setId(id);
                problem.map(Problem::toStatus).ifPresent(committed::setError);
                yield response.setCommitted(committed);
            }
            case SubscriberResponse.PositionMoved(var partition, long position, int seeks) ->
                    response.setSought(
                            Sought.newBuilder()
                                    .setTopic(partition.topic())
                                    .setPartition(partition.partition())
                                    .setPosition(position)
                                    .setSeeks(seeks));
            case SubscriberResponse.PartitionFailed(var partition, var problem, int seeks) ->
                    response.setFailed(
                            PartitionFailed.newBuilder()
                                    .setTopic(partition.topic())
                                    .setPartition(partition.partition())
                                    .setError(problem.toStatus())
                                    .setSeeks(seeks));
            case SubscriberResponse.HeartbeatAck(long messages) ->
                    response.setHeartbeatAck(HeartbeatAck.newBuilder().setMessages(messages));
        };
    }

    private static AssignedPartition start(SubscriberResponse.AssignedStart start) {
        return AssignedPartition.newBuilder()
                .setTopic(start.partition().topic())
                .setPartition(start.partition().partition())
                .setTopicId(start.topicId())
                .setPosition(start.position())
                .setMetadata(start.text())
                .build();
    }

    private static io.millrace.protocol.v1.PartitionName name(TopicPartition partition) {
        return io.millrace.protocol.v1.PartitionName.newBuilder()
                .setTopic(partition.topic())
                .setPartition(partition.partition())
                .build();
    }
}
