package io.millrace.protocol.batch;

import io.millrace.protocol.error.Problem;

/** The result of {@link BatchValidator}. */
public sealed interface BatchVerdict {

    BatchVerdict ACCEPTED = new Accepted();

    /** The bytes are one batch that may be stored. */
    record Accepted() implements BatchVerdict {}

    /** The bytes must not be stored. The caller adds topic and partition to the problem. */
    record Rejected(Problem problem) implements BatchVerdict {}
}
