package io.millrace.client;

import io.millrace.runtime.retry.Backoff;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets a partition wait: for a producer id, or after a failure for a while, which grows with its
 * failures in a row. Then it goes on. Owner: the I/O thread.
 */
final class PartitionWaits {

    private final IoThread io;
    private final Identities identities;
    private final Backoff backoff;
    private final Trouble trouble;
    private final Fates fates;
    private final Consumer<PartitionQueue> goOn;

    /**
     * @param goOn what to do with a partition that need not wait any more; called later, never at
     *     once
     */
    PartitionWaits(
            IoThread io,
            Identities identities,
            Backoff backoff,
            Trouble trouble,
            Fates fates,
            Consumer<PartitionQueue> goOn) {
        this.io = io;
        this.identities = identities;
        this.backoff = backoff;
        this.trouble = trouble;
        this.fates = fates;
        this.goOn = goOn;
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
            fates.failed(doubtful, Verdict.unknown(partition.id));
        }
        io.execute(() -> goOn.accept(partition));
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
                    goOn.accept(partition);
                });
    }
}
