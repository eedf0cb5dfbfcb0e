package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.v1.SubscribeRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Something that a subscription's core wants done. Steps are to be taken in their order. */
public sealed interface SubscriptionStep {

    /** Sends a message on the stream. */
    record Send(SubscribeRequest request) implements SubscriptionStep {}

    /** Lets a handler run; the core wants to hear of its end. */
    record Begin(HandlerRun run) implements SubscriptionStep {}

    /** Calls the listener; the core wants to hear of its return. */
    record Tell(Notice notice) implements SubscriptionStep {}

    /** Breaks the stream off and opens another. */
    record HangUp(String why) implements SubscriptionStep {}

    /** Completes a future of the user. */
    record Settle(Runnable completion) implements SubscriptionStep {}

    /** All is over: nothing else comes. Null if it ended as it was told to. */
    record Over(@Nullable MillraceException failure) implements SubscriptionStep {}

    /** What the listener is told of partitions. */
    sealed interface Notice {
        record Assigned(List<AssignedPartitionState> about, List<Assignment> assignments)
                implements Notice {}

        record Revoked(List<AssignedPartitionState> about) implements Notice {}

        record Lost(List<TopicPartition> partitions) implements Notice {}

        record Failed(TopicPartition partition, MillraceException failure) implements Notice {}
    }
}
