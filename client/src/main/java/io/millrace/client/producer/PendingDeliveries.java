package io.millrace.client.producer;

import io.millrace.client.error.MillraceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps the batches whose fate is open, tells each its fate once, and gives its memory back then:
 * when the server has decided, when its time is over, or when the producer ends. Owner: the I/O
 * thread, on which the listeners are called. It is told what time it is.
 */
final class PendingDeliveries {

    private final Duration timeout;
    private final ProducerMemory budget;
    private final DeliveryTimeouts deadlines;

    /**
     * @param timeout how long a batch may take from its first record on
     * @param budget where the memory of each batch was taken
     */
    PendingDeliveries(Duration timeout, ProducerMemory budget) {
        this.timeout = timeout;
        this.budget = budget;
        this.deadlines = new DeliveryTimeouts(timeout);
    }

    void add(PendingBatch batch) {
        deadlines.add(batch);
    }

    /** Whether every fate is told. */
    boolean allReported() {
        return deadlines.isEmpty();
    }

    /** Completes when all fates that are open now are told. */
    CompletableFuture<Void> whenReported() {
        return CompletableFuture.allOf(
                deadlines.open().stream()
                        .map(PendingBatch::whenSettled)
                        .toArray(CompletableFuture[]::new));
    }

    void stored(PendingBatch batch, ProduceResult stored) {
        budget.release(batch.heldBytes());
        batch.succeed(stored);
    }

    void failed(PendingBatch batch, MillraceException failure) {
        budget.release(batch.heldBytes());
        batch.fail(failure);
    }

    /** How long until a batch's time is over. Only unless {@link #allReported}. */
    Duration untilNextExpires(long nowNanos) {
        return deadlines.untilNext(nowNanos);
    }

    /**
     * Gives up the batches whose time is over.
     *
     * @param trouble why they had to wait so long
     * @return their partitions, which may send others now
     */
    List<PartitionQueue> expire(long nowNanos, String trouble) {
        List<PartitionQueue> partitions = new ArrayList<>();
        for (PendingBatch batch : deadlines.takeExpired(nowNanos)) {
            batch.partition.lane.abort(batch);
            failed(batch, RetryDecision.expired(batch, timeout, trouble));
            partitions.add(batch.partition);
        }
        return partitions;
    }

    /** Gives up all batches; of those that were sent it is not known whether they are stored. */
    void endAll(MillraceException why) {
        List<PendingBatch> open = deadlines.open();
        deadlines.clear();
        for (PendingBatch batch : open) {
            boolean sent = batch.maybeStored || batch.state == PendingBatch.State.IN_FLIGHT;
            batch.partition.lane.clear();
            failed(batch, sent ? RetryDecision.unknown(batch.partition.id) : why.again());
        }
    }
}
