package io.millrace.metadata.log;

import io.millrace.protocol.error.Problem;

/** The result of an append to the metadata log, independent of the outcomes of its commands. */
public sealed interface AppendOutcome {

    /** The entry is durable and was delivered to the follower. */
    record Appended() implements AppendOutcome {}

    /** The entry is not in the log and never will be. Its sequence number may be reused. */
    record NotAppended(Problem problem) implements AppendOutcome {}

    /** The result is unknown, and the log accepts no further appends. */
    record Indeterminate(Problem problem) implements AppendOutcome {}
}
