package io.millrace.fetch.subscribe;

import io.millrace.metadata.topic.PartitionId;
import org.jspecify.annotations.Nullable;

/** A partition of a subscription with its send position. Owned by the subscriber's event loop. */
final class SubscribedPartition {

    static final long NO_POSITION = -1;

    final PartitionId key;

    final TopicPartition name;

    /** The metadata text of the committed offset. */
    String text = "";

    /** Offset of the next record to send. */
    long position = NO_POSITION;

    boolean paused;

    /** True once the client must release the partition. */
    boolean revoked;

    /** True if the position cannot be read; cleared by a seek. */
    boolean failed;

    boolean retryPending;

    boolean removed;

    /** The lookup in progress, if any. */
    StartPositionLookup.@Nullable PendingLookup lookup;

    int failures;

    SubscribedPartition(PartitionId key, TopicPartition name) {
        this.key = key;
        this.name = name;
    }

    boolean isReadable() {
        return !paused
                && !revoked
                && !failed
                && !retryPending
                && !removed
                && lookup == null
                && position != NO_POSITION;
    }
}
