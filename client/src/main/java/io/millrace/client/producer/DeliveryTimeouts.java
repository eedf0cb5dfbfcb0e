package io.millrace.client.producer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The unsettled batches of a producer, by deadline. Bounded by the producer's memory; a settled
 * batch is released once no older batch remains. Owner: the I/O thread.
 */
final class DeliveryTimeouts {

    private static final long RECHECK_NANOS = 1_000_000;

    private final long timeoutNanos;
    private final PriorityQueue<PendingBatch> byAge =
            // Compares a difference, because the nanosecond clock has an arbitrary origin.
            new PriorityQueue<>((a, b) -> Long.signum(a.createdNanos - b.createdNanos));

    DeliveryTimeouts(Duration timeout) {
        this.timeoutNanos = timeout.toNanos();
    }

    void add(PendingBatch batch) {
        byAge.add(batch);
    }

    boolean isEmpty() {
        dropSettled();
        return byAge.isEmpty();
    }

    List<PendingBatch> unsettled() {
        return byAge.stream().filter(batch -> !batch.isDone()).toList();
    }

    List<PendingBatch> takeExpired(long nowNanos) {
        List<PendingBatch> expired = new ArrayList<>();
        dropSettled();
        while (!byAge.isEmpty()
                && nowNanos - byAge.element().createdNanos >= timeoutNanos
                // An unfinished batch is still being encoded by a caller's thread.
                && byAge.element().finished) {
            expired.add(byAge.remove());
            dropSettled();
        }
        return expired;
    }

    /** Returns the time until the next batch expires; fails if {@link #isEmpty}. */
    Duration untilNext(long nowNanos) {
        long age = nowNanos - byAge.element().createdNanos;
        return Duration.ofNanos(Math.max(RECHECK_NANOS, timeoutNanos - age));
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
