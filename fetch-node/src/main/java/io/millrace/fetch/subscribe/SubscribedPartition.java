package io.millrace.fetch.subscribe;

import io.millrace.metadata.topic.PartitionId;
import org.jspecify.annotations.Nullable;

/**
 * State of a partition assigned to a subscription, with the position up to which batches were sent.
 * Owned by the subscriber's event loop.
 */
final class SubscribedPartition {

    static final long NO_POSITION = -1;

    final PartitionId key;

    final NamedPartition name;

    /** The metadata text committed with the offset. */
    String text = "";

    /** Offset of the next record to send. */
    long position = NO_POSITION;

    boolean paused;

    /** True once the client was requested to release the partition. */
    boolean revoked;

    /** True if the position cannot be read; cleared by a seek. */
    boolean failed;

    boolean retryPending;

    /** True once the partition is no longer assigned to the subscription. */
    boolean removed;

    /** The lookup of the next position; null if none is in progress. */
    StartPositionLookup.@Nullable PendingLookup lookup;

    /** Number of failures since the last successful read. */
    int failures;

    SubscribedPartition(PartitionId key, NamedPartition name) {
        this.key = key;
        this.name = name;
    }

    /** Returns whether records may be read from the position on. */
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
