package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The unsettled batches of a producer. Reports each outcome once and then releases the batch's
 * memory: when the server has responded, when the batch expires, or when the producer closes.
 * Owner: the I/O thread, which calls the listeners. The current time is passed in.
 */
final class PendingDeliveries {

    private final Duration timeout;
    private final ProducerMemory budget;
    private final DeliveryTimeouts timeouts;

    /**
     * @param timeout the delivery timeout of a batch, counted from its first record
     * @param budget the memory budget that holds the reservations
     */
    PendingDeliveries(Duration timeout, ProducerMemory budget) {
        this.timeout = timeout;
        this.budget = budget;
        this.timeouts = new DeliveryTimeouts(timeout);
    }

    void add(PendingBatch batch) {
        timeouts.add(batch);
    }

    boolean allReported() {
        return timeouts.isEmpty();
    }

    CompletableFuture<Void> whenReported() {
        return CompletableFuture.allOf(
                timeouts.unsettled().stream()
                        .map(PendingBatch::whenSettled)
                        .toArray(CompletableFuture[]::new));
    }

    void stored(PendingBatch batch, ProduceResult stored) {
        budget.release(batch.reservedBytes());
        batch.succeed(stored);
    }

    void failed(PendingBatch batch, MillraceException failure) {
        budget.release(batch.reservedBytes());
        batch.fail(failure);
    }

    /** Returns the time until a batch expires; fails if {@link #allReported}. */
    Duration untilNextExpiry(long nowNanos) {
        return timeouts.untilNext(nowNanos);
    }

    /**
     * Fails the expired batches.
     *
     * @param trouble the reason for their delay
     * @return the partitions of the expired batches, which may send again
     */
    List<PartitionQueue> expire(long nowNanos, String trouble) {
        List<PartitionQueue> partitions = new ArrayList<>();
        for (PendingBatch batch : timeouts.takeExpired(nowNanos)) {
            batch.partition.sequenced.abort(batch);
            failed(batch, RetryDecision.expired(batch, timeout, trouble));
            partitions.add(batch.partition);
        }
        return partitions;
    }

    /** Fails all batches; the outcome of batches that were sent is unknown. */
    void failAll(MillraceException why) {
        List<PendingBatch> open = timeouts.unsettled();
        timeouts.clear();
        for (PendingBatch batch : open) {
            boolean sent = batch.maybeStored || batch.state == PendingBatch.State.IN_FLIGHT;
            batch.partition.sequenced.clear();
            failed(batch, sent ? RetryDecision.outcomeUnknown(batch.partition.id) : why.copy());
        }
    }
}
