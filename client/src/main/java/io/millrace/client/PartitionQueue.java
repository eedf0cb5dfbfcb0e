package io.millrace.client;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * What a producer holds for one partition: the open batch, which callers fill under this object's
 * monitor, and behind it the batches on their way, which belong to the I/O thread.
 */
final class PartitionQueue {

    final TopicPartition id;

    /** The numbering of the partition's batches. Owner: the I/O thread. */
    @Nullable ProducerIdentity identity;

    int nextSequence;

    /** The sequences have a hole, or the server forgot them: a new identity must come first. */
    boolean needsIdentity;

    boolean awaitsIdentity;

    /** A batch is to be sent again: nothing new goes out until no batch is in flight. */
    boolean recovering;

    boolean backingOff;
    int failuresInARow;
    int inFlight;
    boolean sendable;

    /** Not sent, or to be sent again; in order. */
    final ArrayDeque<PendingBatch> queued = new ArrayDeque<>();

    /** Sent and not settled, in order; those in {@code TO_RETRY} included. */
    final ArrayDeque<PendingBatch> sent = new ArrayDeque<>();

    private @Nullable PendingBatch open;
    private int expectedBytes = 1024;

    PartitionQueue(TopicPartition id) {
        this.id = id;
    }

    /** The sequence behind some records: after the largest comes zero. */
    static int sequenceAfter(int sequence, int records) {
        return (sequence + records) & Integer.MAX_VALUE;
    }

    // The methods below belong to callers' threads, under the monitor.

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
