package io.millrace.client.producer;

import io.millrace.client.connection.IoThread;
import io.millrace.runtime.retry.Backoff;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets a partition wait: for a producer id, or after a failure for a while, which grows with its
 * failures in a row. Then it goes on. Owner: the I/O thread.
 */
final class PartitionBackoff {

    private final IoThread io;
    private final ProducerIdAllocator identities;
    private final Backoff backoff;
    private final StallReason trouble;
    private final PendingDeliveries fates;
    private final Consumer<PartitionQueue> proceed;

    /**
     * @param proceed what to do with a partition that need not wait any more; called later, never
     *     at once
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

    /** Until the partition has an identity, which it may have at once. */
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

    /** Until it is time for another try; one wait at a time. */
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
