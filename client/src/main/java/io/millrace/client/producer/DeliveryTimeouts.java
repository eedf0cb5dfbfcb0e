package io.millrace.client.producer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The batches of a producer whose fate is open, the oldest first, and when their time is over. It
 * is told what time it is. Owner: the I/O thread. It holds what the producer's memory holds, and
 * lets settled batches go when they are the oldest.
 */
final class DeliveryTimeouts {

    /** How soon to look again at a batch whose time is over while it is still being packed. */
    private static final long SOON_NANOS = 1_000_000;

    private final long timeoutNanos;
    private final PriorityQueue<PendingBatch> byAge =
            // A difference, since the clock has no zero.
            new PriorityQueue<>((a, b) -> Long.signum(a.createdNanos - b.createdNanos));

    /**
     * @param timeout how long a batch may take from its first record on
     */
    DeliveryTimeouts(Duration timeout) {
        this.timeoutNanos = timeout.toNanos();
    }

    void add(PendingBatch batch) {
        byAge.add(batch);
    }

    /** Whether nothing is open. */
    boolean isEmpty() {
        dropSettled();
        return byAge.isEmpty();
    }

    /** The batches whose fate is open, in no particular order. */
    List<PendingBatch> open() {
        return byAge.stream().filter(batch -> !batch.isDone()).toList();
    }

    /** Takes out the batches whose time is over, the oldest first. */
    List<PendingBatch> takeExpired(long nowNanos) {
        List<PendingBatch> expired = new ArrayList<>();
        dropSettled();
        while (!byAge.isEmpty()
                && nowNanos - byAge.element().createdNanos >= timeoutNanos
                // Its packer still works on it.
                && byAge.element().finished) {
            expired.add(byAge.remove());
            dropSettled();
        }
        return expired;
    }

    /** How long until the next batch's time is over. Only if not {@link #isEmpty}. */
    Duration untilNext(long nowNanos) {
        long age = nowNanos - byAge.element().createdNanos;
        return Duration.ofNanos(Math.max(SOON_NANOS, timeoutNanos - age));
    }

    void clear() {
        byAge.clear();
    }

    private void dropSettled() {
        while (!byAge.isEmpty() && byAge.element().isDone()) {
            byAge.remove();
        }
    }
}
