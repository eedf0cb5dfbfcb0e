package io.millrace.ingest.block;

import io.millrace.protocol.error.Problem;

/** The outcome of a produce request. */
public sealed interface ProduceOutcome {

    /**
     * The records are in the bucket and in the order of their partition.
     *
     * @param baseOffset the offset of the first record; -1 for a duplicate if the offset is no
     *     longer known
     * @param appendTimeMs the time at which the block was sealed, in milliseconds since 1970, by
     *     the clock of the node that first accepted the records; -1 if {@code baseOffset} is
     * @param duplicate whether the records were stored before, and nothing was stored now
     */
    record Acknowledged(long baseOffset, long appendTimeMs, boolean duplicate, CommitTiming timing)
            implements ProduceOutcome {}

    /** The records are not stored; with OUTCOME_UNKNOWN, they may be. */
    record Rejected(Problem problem) implements ProduceOutcome {}
}
