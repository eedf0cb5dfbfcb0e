package io.millrace.metadata;

import io.millrace.metadata.command.Outcome;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;

/** What became of a proposed command. */
public sealed interface Proposal {

    /**
     * It is in the log and applied.
     *
     * @param outcome what the state machine made of it, which may be a rejection
     * @param durableNanos when its entry was known to be durable, on the clock of the metadata's
     *     loop
     */
    record Applied(Outcome outcome, long durableNanos) implements Proposal {}

    /** It is not in the log and never will be. */
    record NotApplied(Problem problem) implements Proposal {}

    /** A deadline passed; it may or may not be in the log. */
    record Unknown(Problem problem) implements Proposal {}

    /**
     * What the state machine made of it, for who only goes on if it was not refused.
     *
     * @throws ProblemException if it was refused, or is not applied, or may not be
     */
    default Outcome accepted() {
        return switch (this) {
            case Applied(Outcome.Rejected(var problem), long _) ->
                    throw new ProblemException(problem);
            case Applied(var outcome, long _) -> outcome;
            case NotApplied(var problem) -> throw new ProblemException(problem);
            case Unknown(var problem) -> throw new ProblemException(problem);
        };
    }
}
