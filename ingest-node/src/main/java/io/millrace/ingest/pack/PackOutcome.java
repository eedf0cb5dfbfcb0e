package io.millrace.ingest.pack;

import io.millrace.protocol.error.Problem;

/** What became of a set of records that was offered to {@link PendingRecords}. */
public sealed interface PackOutcome {

    /**
     * They are in.
     *
     * @param firstIndex of the first one among all records of the batch, from 0
     * @param count how many
     */
    record Added(int firstIndex, int count) implements PackOutcome {}

    /** They do not fit behind those that are there: offer them to an empty one. */
    record Full() implements PackOutcome {}

    /** They may not be stored. */
    record Rejected(Problem problem) implements PackOutcome {}
}
