package io.millrace.metadata.log;

import io.millrace.protocol.error.Problem;

/**
 * The result of an append to the metadata log. The outcome of the command in the entry is decided
 * later, when the entry is applied.
 */
public sealed interface AppendOutcome {

    /** The entry is durable and was delivered to the follower. */
    record Appended() implements AppendOutcome {}

    /** The entry is not in the log and never will be. The caller may reuse its sequence number. */
    record NotAppended(Problem problem) implements AppendOutcome {}

    /** The result is unknown, and the log accepts no further appends. */
    record Indeterminate(Problem problem) implements AppendOutcome {}
}
