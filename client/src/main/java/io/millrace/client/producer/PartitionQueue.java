package io.millrace.client.producer;

import io.millrace.client.partition.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The batches of one partition in a producer: the open batch, which callers fill under this
 * object's monitor, and the submitted batches, which the I/O thread owns.
 */
final class PartitionQueue {

    final TopicPartition id;

    // Fields of the I/O thread.

    final SequencedPartition sequenced;

    /**
     * The node stream that carries all in-flight batches of the partition. Null before the first
     * batch.
     */
    @Nullable NodeStream nodeStream;

    /** The routing round in which {@link #nodeStream} was chosen; see {@link NodeRouter}. */
    int routedInRound;

    /** True while the partition is queued for sending. */
    boolean queued;

    boolean awaitsIdentity;
    boolean backingOff;
    int failuresInARow;

    // Fields of callers' threads, under the monitor.

    private @Nullable PendingBatch open;
    private int expectedBytes = 1024;

    PartitionQueue(TopicPartition id, SequencedPartition lane) {
        this.id = id;
        this.sequenced = lane;
    }

    @Nullable PendingBatch open() {
        return open;
    }

    void open(PendingBatch batch) {
        open = batch;
    }

    @Nullable PendingBatch detach() {
        PendingBatch batch = open;
        open = null;
        if (batch != null) {
            expectedBytes = batch.sizeBytes();
        }
        return batch;
    }

    int expectedBytes() {
        return expectedBytes;
    }
}
