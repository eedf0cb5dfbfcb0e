package io.millrace.protocol.batch;

import io.millrace.protocol.error.Problem;

/** What {@link BatchValidator} found. */
public sealed interface BatchVerdict {

    /** The one {@link Acceptable}. */
    BatchVerdict ACCEPTABLE = new Acceptable();

    /** The bytes are one batch that may be stored. */
    record Acceptable() implements BatchVerdict {}

    /** They are not. The problem names neither topic nor partition: the caller knows them. */
    record Rejected(Problem problem) implements BatchVerdict {}
}
