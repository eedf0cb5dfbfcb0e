package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.record.ReadBatch;

/**
 * A callback for the records of a subscription. Called on the subscription's executor: sequentially
 * and in offset order for one partition, concurrently for different partitions. The handler may
 * block. Only that partition waits then; the subscription stays in the group and the other
 * partitions continue.
 */
@FunctionalInterface
public interface BatchHandler {

    /**
     * Handles the records of a batch. The records count as handled when the method returns: work
     * continued elsewhere may be committed before it is done.
     *
     * @param batch the batch; its memory belongs to the handler and may be retained
     * @param subscription the subscription of the batch, for commits, pauses and seeks
     * @throws Exception to stop: the subscription ends with {@link MillraceException.HandlerFailed}
     *     after the other handlers have returned and all handled records are committed. This batch
     *     is committed only with {@link CommitMode#BEFORE_HANDLING}
     */
    void handle(ReadBatch batch, Subscription subscription) throws Exception;
}
