package io.millrace.metadata.log;

import io.millrace.protocol.error.Problem;

/** What the log knows of an append. What the entry decided is known only once it is applied. */
public sealed interface AppendOutcome {

    /** It is durable, and the follower has it. */
    record Appended() implements AppendOutcome {}

    /** It is not in the log and never will be; its number may be used again. */
    record NotAppended(Problem problem) implements AppendOutcome {}

    /** Nobody knows, and this log takes no more appends. */
    record Lost(Problem problem) implements AppendOutcome {}
}
