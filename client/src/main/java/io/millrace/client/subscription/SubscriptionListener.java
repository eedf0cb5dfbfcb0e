package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import java.util.List;

/**
 * A callback for changes of a subscription's partitions. Called on the subscription's executor, in
 * the order of events. An exception ends the subscription.
 */
public interface SubscriptionListener {

    /** Called when partitions are assigned, before their records are delivered. */
    default void assigned(Subscription subscription, List<Assignment> partitions) {}

    /**
     * Called when partitions move to a different member, or the subscription closes. The
     * partitions' handlers have returned. The partitions are released after this method has
     * returned and all commits are answered.
     */
    default void revoked(Subscription subscription, List<TopicPartition> partitions) {}

    /**
     * Called when partitions are lost: the group may have assigned the partitions to a different
     * member, and accepts no offset. A handler may still be working on the last batch.
     */
    default void lost(Subscription subscription, List<TopicPartition> partitions) {}

    /**
     * Called when reading of a partition has failed, after all earlier records are handled. The
     * partition waits for {@link Subscription#seek}. By default, ends the subscription with the
     * failure.
     */
    default void failed(
            Subscription subscription, TopicPartition partition, MillraceException failure) {
        throw failure;
    }
}
