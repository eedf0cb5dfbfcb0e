package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import java.util.List;

/**
 * Hears which partitions a subscription works on. Called on the subscription's executor, one call
 * at a time, in the order of events. A listener that throws ends the subscription like a handler
 * that throws.
 */
public interface SubscriptionListener {

    /**
     * Partitions are the subscription's. None of their records is handed over before it returns.
     */
    default void assigned(Subscription subscription, List<Assignment> partitions) {}

    /**
     * Partitions go to another member, or the subscription is being closed. Their handlers have
     * returned, nothing more of them is handed over, and they are given up when this has returned
     * and all commits are answered: the last chance to commit.
     */
    default void revoked(Subscription subscription, List<TopicPartition> partitions) {}

    /**
     * Partitions are the subscription's no more: the group may have given them to another member
     * already. Nothing can be committed for them. A handler may still be at work on their last
     * batch; nothing more of them is handed over.
     */
    default void lost(Subscription subscription, List<TopicPartition> partitions) {}

    /**
     * A partition cannot be read on, and all that came of it before has been handled. It waits for
     * {@link Subscription#seek}. Unless it is overridden, the subscription ends with the failure.
     */
    default void failed(
            Subscription subscription, TopicPartition partition, MillraceException failure) {
        throw failure;
    }
}
