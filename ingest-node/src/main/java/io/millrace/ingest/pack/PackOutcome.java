package io.millrace.ingest.pack;

import io.millrace.protocol.error.Problem;

/** The result of an append to {@link PendingRecords}. */
public sealed interface PackOutcome {

    /**
     * The records were added.
     *
     * @param firstIndex the index of the first one in the batch, from 0
     * @param count the number of records
     */
    record Added(int firstIndex, int count) implements PackOutcome {}

    /** The records do not fit; append to an empty instance. */
    record Full() implements PackOutcome {}

    /** The records must not be stored. */
    record Rejected(Problem problem) implements PackOutcome {}
}
