package io.millrace.client.producer;

import io.millrace.client.partition.TopicPartition;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The batches of a partition in a producer. Callers fill the open batch under this object's
 * monitor; the I/O thread owns the submitted batches.
 */
final class PartitionQueue {

    final TopicPartition id;

    // Fields of the I/O thread.

    final SequencedPartition sequenced;

    /** The stream of all in-flight batches; null before the first batch. */
    @Nullable NodeStream nodeStream;

    /** The routing round of {@link NodeRouter} that chose {@link #nodeStream}. */
    int routedInRound;

    boolean queued;

    boolean awaitsProducerId;
    boolean backingOff;
    int failuresInARow;

    /** True after a node reported that the topic or partition does not exist. Any thread. */
    private final AtomicBoolean unknown = new AtomicBoolean();

    // Fields of callers' threads, under the monitor.

    private @Nullable PendingBatch open;
    private int expectedBytes = 1024;

    PartitionQueue(TopicPartition id, SequencedPartition sequenced) {
        this.id = id;
        this.sequenced = sequenced;
    }

    void reportUnknown() {
        unknown.set(true);
    }

    /** Returns whether the partition was unknown to a node since the last call. */
    boolean takeUnknown() {
        return unknown.get() && unknown.getAndSet(false);
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
