package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import io.millrace.client.observation.ClientMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The unsettled batches of a producer. Reports each outcome once, and then releases the batch's
 * memory. Owner: the I/O thread, which calls the listeners.
 */
final class PendingDeliveries {

    private final Duration timeout;
    private final ProducerMemory budget;
    private final DeliveryTimeouts timeouts;
    private final ClientMetrics metrics;

    PendingDeliveries(Duration timeout, ProducerMemory budget, ClientMetrics metrics) {
        this.timeout = timeout;
        this.budget = budget;
        this.metrics = metrics;
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

    void stored(PendingBatch batch, ProduceResult stored, long nowNanos) {
        metrics.batchStored(
                new ClientMetrics.StoredBatch(
                        batch.partition.id.topic(),
                        batch.count(),
                        batch.sizeBytes(),
                        batch.sentNanos() - batch.createdNanos,
                        nowNanos - batch.sentNanos()));
        budget.release(batch.reservedBytes());
        batch.succeed(stored);
    }

    void failed(PendingBatch batch, MillraceException failure) {
        metrics.batchFailed(batch.partition.id.topic(), batch.count(), failure);
        budget.release(batch.reservedBytes());
        batch.fail(failure);
    }

    Duration untilNextExpiry(long nowNanos) {
        return timeouts.untilNext(nowNanos);
    }

    /** Fails the expired batches. Returns their partitions, which may send again. */
    List<PartitionQueue> expire(long nowNanos, String trouble) {
        List<PartitionQueue> partitions = new ArrayList<>();
        for (PendingBatch batch : timeouts.takeExpired(nowNanos)) {
            batch.partition.sequenced.abort(batch);
            failed(batch, RetryDecision.expired(batch, timeout, trouble));
            partitions.add(batch.partition);
        }
        return partitions;
    }

    /** Fails all batches; the outcome of sent batches is unknown. */
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
