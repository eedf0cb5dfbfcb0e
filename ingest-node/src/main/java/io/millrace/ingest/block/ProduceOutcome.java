package io.millrace.ingest.block;

import io.millrace.protocol.error.Problem;

/** The outcome of a produce request. */
public sealed interface ProduceOutcome {

    /**
     * The records are in the bucket and in the order of their partition.
     *
     * @param baseOffset the offset of the first record; -1 for a duplicate whose offset has expired
     * @param appendTimeMs the sealing time, in milliseconds since 1970, by the clock of the node
     *     that first accepted the records; -1 if {@code baseOffset} is
     * @param duplicate true if the records were stored before
     */
    record Acknowledged(long baseOffset, long appendTimeMs, boolean duplicate, CommitTiming timing)
            implements ProduceOutcome {}

    /** The records are not stored; with OUTCOME_UNKNOWN, they may be. */
    record Rejected(Problem problem) implements ProduceOutcome {}
}
