package io.millrace.client.subscription;

import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.v1.Earliest;
import io.millrace.protocol.v1.Latest;
import io.millrace.protocol.v1.PartitionName;
import io.millrace.protocol.v1.Pause;
import io.millrace.protocol.v1.Released;
import io.millrace.protocol.v1.Seek;
import io.millrace.protocol.v1.SubscribeRequest;
import java.util.List;
import java.util.function.Consumer;

/** Adds messages about partitions to the steps. Stateless. */
record PartitionMessages(SubscriptionSteps steps) {

    void seek(TopicPartition id, StartPosition place, long nowNanos) {
        Seek.Builder seek = Seek.newBuilder().setTopic(id.topic()).setPartition(id.partition());
        if (place instanceof StartPosition.Offset(long offset)) {
            seek.setOffset(offset);
        } else {
            seek.setPosition(toProto(place));
        }
        steps.send(SubscribeRequest.newBuilder().setSeek(seek), nowNanos);
    }

    static io.millrace.protocol.v1.StartPosition toProto(StartPosition place) {
        io.millrace.protocol.v1.StartPosition.Builder position =
                io.millrace.protocol.v1.StartPosition.newBuilder();
        return switch (place) {
            case StartPosition.Beginning() ->
                    position.setEarliest(Earliest.getDefaultInstance()).build();
            case StartPosition.End() -> position.setLatest(Latest.getDefaultInstance()).build();
            case StartPosition.Timestamp(long ms) -> position.setTimestampMs(ms).build();
            case StartPosition.Offset(long offset) ->
                    throw new IllegalArgumentException(
                            "An offset cannot apply to all partitions: " + offset);
        };
    }

    void resume(AssignedPartitionState holding, long nowNanos) {
        if (holding.isConfirmed() && !holding.paused && !holding.throttled && !holding.releasing) {
            pause(holding.id, true, nowNanos);
        }
    }

    void pause(TopicPartition id, boolean resume, long nowNanos) {
        Pause.Builder pause = Pause.newBuilder().setResume(resume).addPartitions(name(id));
        steps.send(SubscribeRequest.newBuilder().setPause(pause), nowNanos);
    }

    void released(List<AssignedPartitionState> holdings, long nowNanos) {
        Released.Builder released = Released.newBuilder();
        Consumer<PartitionName> add = released::addPartitions;
        holdings.stream().map(holding -> name(holding.id)).forEach(add);
        steps.send(SubscribeRequest.newBuilder().setReleased(released), nowNanos);
    }

    private static PartitionName name(TopicPartition id) {
        return PartitionName.newBuilder().setTopic(id.topic()).setPartition(id.partition()).build();
    }
}
