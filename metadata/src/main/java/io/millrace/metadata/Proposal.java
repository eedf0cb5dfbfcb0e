package io.millrace.metadata;

import io.millrace.metadata.command.Outcome;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;

/** The result of a proposed command. */
public sealed interface Proposal {

    /**
     * The command is in the log and applied.
     *
     * @param durableNanos the time at which the entry was confirmed durable, on the clock of the
     *     metadata's loop
     */
    record Applied(Outcome outcome, long durableNanos) implements Proposal {}

    /** The command is not in the log and never will be. */
    record NotApplied(Problem problem) implements Proposal {}

    /** A deadline passed; the command may or may not be in the log. */
    record Unknown(Problem problem) implements Proposal {}

    /**
     * Returns the outcome of an accepted command.
     *
     * @throws ProblemException if the command was rejected or not applied, or its result is unknown
     */
    default Outcome acceptedOutcome() {
        return switch (this) {
            case Applied(Outcome.CommandRejected(var problem), long _) ->
                    throw new ProblemException(problem);
            case Applied(var outcome, long _) -> outcome;
            case NotApplied(var problem) -> throw new ProblemException(problem);
            case Unknown(var problem) -> throw new ProblemException(problem);
        };
    }
}
