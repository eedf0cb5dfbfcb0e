package io.millrace.client.subscription;

import io.millrace.client.error.MillraceException;
import io.millrace.client.record.ReadBatch;

/**
 * What a subscription does with the records that it is handed. Called on the subscription's
 * executor: never at two places at once for one partition, and in the order of its offsets, but for
 * different partitions at the same time. It may block; then its partition waits, while the
 * subscription stays in its group and the other partitions go on.
 */
@FunctionalInterface
public interface BatchHandler {

    /**
     * Handles the records of a batch. It is finished with them when it returns: what it goes on
     * doing elsewhere may be committed before it is done.
     *
     * @param batch its memory may be kept, and is the handler's own after this returned
     * @param subscription the one that hands it over, for commits, pauses and seeks
     * @throws Exception to stop: the subscription ends with {@link MillraceException.HandlerFailed}
     *     once the other handlers have returned and all that was finished is committed. This batch
     *     is committed only with {@link CommitMode#BEFORE_HANDLING}
     */
    void handle(ReadBatch batch, Subscription subscription) throws Exception;
}
