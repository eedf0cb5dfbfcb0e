package io.millrace.ingest.block;

import io.millrace.protocol.error.Problem;

/** What became of a produce. */
public sealed interface ProduceOutcome {

    /**
     * It is in the bucket and in the order of its partition.
     *
     * @param baseOffset of its first record; -1 for a duplicate whose offset is no longer known
     * @param appendTimeMs when its block was sealed, milliseconds since 1970, by the clock of the
     *     node that took it first; -1 where {@code baseOffset} is
     * @param duplicate whether it was there before, and nothing was stored now
     */
    record Acknowledged(long baseOffset, long appendTimeMs, boolean duplicate, CommitTiming timing)
            implements ProduceOutcome {}

    /** It is not stored; or, with OUTCOME_UNKNOWN, perhaps. */
    record Rejected(Problem problem) implements ProduceOutcome {}
}
