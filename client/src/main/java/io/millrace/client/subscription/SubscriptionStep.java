package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.v1.SubscribeRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An action requested by a subscription's core. Carried out in order. */
public sealed interface SubscriptionStep {

    /** Send a message on the stream. */
    record Send(SubscribeRequest request) implements SubscriptionStep {}

    /** Start a handler run, and report its end to the core. */
    record RunHandler(HandlerRun run) implements SubscriptionStep {}

    /** Call the listener, and report its return to the core. */
    record NotifyListener(Notice notice) implements SubscriptionStep {}

    /** Close the stream and open a new stream. */
    record Reconnect(String why) implements SubscriptionStep {}

    /** Complete a future of the application. */
    record CompleteFuture(Runnable completion) implements SubscriptionStep {}

    /** The last step; the failure is null after a normal close. */
    record SubscriptionEnded(@Nullable MillraceException failure) implements SubscriptionStep {}

    /** A notice to the listener. */
    sealed interface Notice {
        record Assigned(List<AssignedPartitionState> about, List<Assignment> assignments)
                implements Notice {}

        record Revoked(List<AssignedPartitionState> about) implements Notice {}

        record Lost(List<TopicPartition> partitions) implements Notice {}

        record Failed(TopicPartition partition, MillraceException failure) implements Notice {}
    }
}
