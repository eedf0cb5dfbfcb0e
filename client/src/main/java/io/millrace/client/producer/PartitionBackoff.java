package io.millrace.client.producer;

import io.millrace.client.connection.IoThread;
import io.millrace.client.connection.UnaryCalls;
import io.millrace.client.error.MillraceException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.retry.Backoff;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Delays a partition until a producer id is available, or after a failure for a backoff that grows
 * with consecutive failures. Owner: the I/O thread.
 */
final class PartitionBackoff {

    private final IoThread io;
    private final ProducerIdAllocator idAllocator;
    private final Backoff backoff;
    private final StallReason stallReason;
    private final PendingDeliveries deliveries;
    private final Consumer<PartitionQueue> resume;

    /**
     * @param proceed the callback that resumes a partition; never called synchronously
     */
    PartitionBackoff(
            IoThread io,
            ProducerIdAllocator idAllocator,
            Backoff backoff,
            StallReason trouble,
            PendingDeliveries fates,
            Consumer<PartitionQueue> proceed) {
        this.io = io;
        this.idAllocator = idAllocator;
        this.backoff = backoff;
        this.stallReason = trouble;
        this.deliveries = fates;
        this.resume = proceed;
    }

    void awaitProducerId(PartitionQueue partition) {
        partition.awaitsProducerId = true;
        idAllocator
                .get(partition.id, partition.sequenced.needsNewProducerId())
                .whenComplete((producerId, failure) -> adopt(partition, producerId, failure));
    }

    private void adopt(
            PartitionQueue partition,
            @Nullable ProducerIdAndEpoch producerId,
            @Nullable Throwable failure) {
        partition.awaitsProducerId = false;
        if (producerId == null) {
            stallReason.set(
                    failure == null ? "no producer id" : String.valueOf(failure.getMessage()));
            if (failure != null
                    && UnaryCalls.failureOf(failure) instanceof MillraceException.Rejected rejected
                    && rejected.problem().reason() == Reason.UNAUTHENTICATED) {
                failQueued(partition, rejected);
            } else {
                afterFailure(partition);
            }
            return;
        }
        for (PendingBatch doubtful : partition.sequenced.restart(producerId)) {
            deliveries.failed(doubtful, RetryDecision.outcomeUnknown(partition.id));
        }
        io.execute(() -> resume.accept(partition));
    }

    /** Fails the queued batches: a retry with the same credentials does not help. */
    private void failQueued(PartitionQueue partition, MillraceException why) {
        for (PendingBatch batch = partition.sequenced.first();
                batch != null;
                batch = partition.sequenced.first()) {
            partition.sequenced.abort(batch);
            deliveries.failed(
                    batch,
                    batch.maybeStored ? RetryDecision.outcomeUnknown(partition.id) : why.copy());
        }
    }

    void afterFailure(PartitionQueue partition) {
        if (partition.backingOff) {
            return;
        }
        partition.backingOff = true;
        io.schedule(
                backoff.pauseAfter(++partition.failuresInARow),
                () -> {
                    partition.backingOff = false;
                    resume.accept(partition);
                });
    }
}
