package io.millrace.protocol.batch;

import io.millrace.protocol.error.Problem;

/** The result of {@link BatchValidator}. */
public sealed interface BatchVerdict {

    /** The shared instance of {@link Accepted}. */
    BatchVerdict ACCEPTED = new Accepted();

    /** The bytes are one batch that may be stored. */
    record Accepted() implements BatchVerdict {}

    /**
     * The bytes must not be stored. The problem names neither topic nor partition, which the caller
     * adds.
     */
    record Rejected(Problem problem) implements BatchVerdict {}
}
