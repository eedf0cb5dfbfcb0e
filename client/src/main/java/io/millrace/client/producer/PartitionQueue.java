package io.millrace.client.producer;

import io.millrace.client.partition.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What a producer holds for one partition: the open batch, which callers fill under this object's
 * monitor, and behind it the batches on their way, which belong to the I/O thread.
 */
final class PartitionQueue {

    final TopicPartition id;

    // These belong to the I/O thread.

    final SequencedPartition lane;

    /** Where its batches go; all that are in flight went there. Null before the first. */
    @Nullable NodeStream outlet;

    /** The round of choices in which that was chosen; see {@link NodeRouter}. */
    int routedInRound;

    /** It waits for its turn to send. */
    boolean hasTurn;

    boolean awaitsIdentity;
    boolean backingOff;
    int failuresInARow;

    // These belong to callers' threads, under the monitor.

    private @Nullable PendingBatch open;
    private int expectedBytes = 1024;

    PartitionQueue(TopicPartition id, SequencedPartition lane) {
        this.id = id;
        this.lane = lane;
    }

    @Nullable PendingBatch open() {
        return open;
    }

    void open(PendingBatch batch) {
        open = batch;
    }

    /** Ends the open batch, so that the next record begins another. */
    @Nullable PendingBatch detach() {
        PendingBatch batch = open;
        open = null;
        if (batch != null) {
            expectedBytes = batch.sizeBytes();
        }
        return batch;
    }

    /** What a batch of this partition will probably need. */
    int expectedBytes() {
        return expectedBytes;
    }
}
