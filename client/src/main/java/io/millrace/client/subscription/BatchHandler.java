package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.record.ReadBatch;

/**
 * A callback for the records of a subscription. Called on the subscription's executor: in offset
 * order for a partition, concurrently for different partitions. May block, which delays only that
 * partition.
 */
@FunctionalInterface
public interface BatchHandler {

    /**
     * Handles the records of a batch, which count as handled when the method returns.
     *
     * @param batch the batch; its memory may be retained
     * @throws Exception to end the subscription with {@link MillraceException.HandlerFailed} after
     *     the other handlers have returned. This batch is committed only with {@link
     *     CommitMode#BEFORE_HANDLING}
     */
    void handle(ReadBatch batch, Subscription subscription) throws Exception;
}
