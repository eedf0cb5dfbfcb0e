package io.millrace.ingest.pack;

import io.millrace.protocol.error.Problem;

/** The result of an append to {@link PendingRecords}. */
public sealed interface PackOutcome {

    /**
     * @param firstIndex the index of the first added record in the batch, from 0
     */
    record Added(int firstIndex, int count) implements PackOutcome {}

    /** The records do not fit; append to an empty instance. */
    record Full() implements PackOutcome {}

    /** The records must not be stored. */
    record Rejected(Problem problem) implements PackOutcome {}
}
