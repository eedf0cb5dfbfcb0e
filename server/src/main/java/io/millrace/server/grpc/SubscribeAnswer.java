package io.millrace.server.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import io.millrace.fetch.BatchRun;
import io.millrace.fetch.subscribe.PartitionName;
import io.millrace.fetch.subscribe.ToClient;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.Alive;
import io.millrace.protocol.v1.Assigned;
import io.millrace.protocol.v1.AssignedPartition;
import io.millrace.protocol.v1.Batches;
import io.millrace.protocol.v1.Committed;
import io.millrace.protocol.v1.Invited;
import io.millrace.protocol.v1.Joined;
import io.millrace.protocol.v1.Lost;
import io.millrace.protocol.v1.PartitionFailed;
import io.millrace.protocol.v1.Revoke;
import io.millrace.protocol.v1.Sought;
import io.millrace.protocol.v1.SubscribeResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A {@code millrace.v1.SubscribeResponse} as bytes, and batches behind them where they lie: those
 * go from the cache into the transport's buffers in one copy.
 */
final class SubscribeAnswer {

    /** Writes answers. */
    static final MethodDescriptor.Marshaller<SubscribeAnswer> MARSHALLER =
            new AnswerMarshaller<>(
                    answer -> new FetchAnswerStream(List.of(answer.section), answer.sizeBytes()));

    private final FetchAnswer.Section section;

    private SubscribeAnswer(FetchAnswer.Section section) {
        this.section = section;
    }

    static SubscribeAnswer of(ToClient message) {
        return new SubscribeAnswer(
                message instanceof ToClient.Batches batches
                        ? batches(batches)
                        : new FetchAnswer.Section(
                                response(message).build().toByteArray(), BatchRun.NONE));
    }

    /** Bytes of the whole message. */
    int sizeBytes() {
        return section.before().length + section.batches().sizeBytes();
    }

    /** The batches stand last in the message, so that they can follow the rest as they are. */
    private static FetchAnswer.Section batches(ToClient.Batches message) {
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
        return new FetchAnswer.Section(before, message.batches());
    }

    private static SubscribeResponse.Builder response(ToClient message) {
        SubscribeResponse.Builder response = SubscribeResponse.newBuilder();
        return switch (message) {
            case ToClient.Invited(var memberId) ->
                    response.setInvited(Invited.newBuilder().setMemberId(memberId));
            case ToClient.Joined(var memberId, var heartbeatInterval, var sessionTimeout) ->
                    response.setJoined(
                            Joined.newBuilder()
                                    .setMemberId(memberId)
                                    .setHeartbeatIntervalMs((int) heartbeatInterval.toMillis())
                                    .setSessionTimeoutMs((int) sessionTimeout.toMillis()));
            case ToClient.Assigned(var partitions) -> {
                Assigned.Builder assigned = Assigned.newBuilder();
                partitions.forEach(start -> assigned.addPartitions(start(start)));
                yield response.setAssigned(assigned);
            }
            case ToClient.Revoke(var partitions) -> {
                Revoke.Builder revoke = Revoke.newBuilder();
                partitions.forEach(one -> revoke.addPartitions(name(one)));
                yield response.setRevoke(revoke);
            }
            case ToClient.Lost(var partitions) -> {
                Lost.Builder lost = Lost.newBuilder();
                partitions.forEach(one -> lost.addPartitions(name(one)));
                yield response.setLost(lost);
            }
            case ToClient.Batches batches ->
                    throw new IllegalArgumentException("batches are not copied");
            case ToClient.Committed(long id, var problem) -> {
                Committed.Builder committed = Committed.newBuilder().setId(id);
                problem.map(Problem::toStatus).ifPresent(committed::setError);
                yield response.setCommitted(committed);
            }
            case ToClient.Sought(var partition, long position, int seeks) ->
                    response.setSought(
                            Sought.newBuilder()
                                    .setTopic(partition.topic())
                                    .setPartition(partition.partition())
                                    .setPosition(position)
                                    .setSeeks(seeks));
            case ToClient.PartitionFailed(var partition, var problem, int seeks) ->
                    response.setFailed(
                            PartitionFailed.newBuilder()
                                    .setTopic(partition.topic())
                                    .setPartition(partition.partition())
                                    .setError(problem.toStatus())
                                    .setSeeks(seeks));
            case ToClient.Alive(long messages) ->
                    response.setAlive(Alive.newBuilder().setMessages(messages));
        };
    }

    private static AssignedPartition start(ToClient.Start start) {
        return AssignedPartition.newBuilder()
                .setTopic(start.partition().topic())
                .setPartition(start.partition().partition())
                .setPosition(start.position())
                .setMetadata(start.text())
                .build();
    }

    private static io.millrace.protocol.v1.PartitionName name(PartitionName partition) {
        return io.millrace.protocol.v1.PartitionName.newBuilder()
                .setTopic(partition.topic())
                .setPartition(partition.partition())
                .build();
    }
}
