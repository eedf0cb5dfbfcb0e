package io.millrace.client.producer;

import io.millrace.client.connection.IoThread;
import io.millrace.runtime.retry.Backoff;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Delays a partition until it has a producer id, or after a failure for a backoff that grows with
 * consecutive failures. Then resumes the partition. Owner: the I/O thread.
 */
final class PartitionBackoff {

    private final IoThread io;
    private final ProducerIdAllocator identities;
    private final Backoff backoff;
    private final StallReason trouble;
    private final PendingDeliveries fates;
    private final Consumer<PartitionQueue> proceed;

    /**
     * @param proceed the callback that resumes a partition; never called synchronously
     */
    PartitionBackoff(
            IoThread io,
            ProducerIdAllocator identities,
            Backoff backoff,
            StallReason trouble,
            PendingDeliveries fates,
            Consumer<PartitionQueue> proceed) {
        this.io = io;
        this.identities = identities;
        this.backoff = backoff;
        this.trouble = trouble;
        this.fates = fates;
        this.proceed = proceed;
    }

    /** Delays the partition until it has an identity, which may be available at once. */
    void forIdentity(PartitionQueue partition) {
        partition.awaitsIdentity = true;
        identities
                .get(partition.id, partition.lane.needsFreshIdentity())
                .whenComplete((identity, failure) -> adopt(partition, identity, failure));
    }

    private void adopt(
            PartitionQueue partition,
            @Nullable ProducerIdentity identity,
            @Nullable Throwable failure) {
        partition.awaitsIdentity = false;
        if (identity == null) {
            trouble.begins(
                    failure == null ? "no producer id" : String.valueOf(failure.getMessage()));
            afterFailure(partition);
            return;
        }
        for (PendingBatch doubtful : partition.lane.begin(identity)) {
            fates.failed(doubtful, RetryDecision.unknown(partition.id));
        }
        io.execute(() -> proceed.accept(partition));
    }

    void afterFailure(PartitionQueue partition) {
        if (partition.backingOff) {
            return;
        }
        partition.backingOff = true;
        io.schedule(
                backoff.after(++partition.failuresInARow),
                () -> {
                    partition.backingOff = false;
                    proceed.accept(partition);
                });
    }
}
