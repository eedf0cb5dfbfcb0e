package io.millrace.metadata.command;

import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.function.UnaryOperator;

/** The result of a command, the same on every node. */
public sealed interface Outcome {

    /** The results of a block's items, in order. */
    record Block(List<ItemOutcome> items) implements Outcome {
        public Block {
            items = List.copyOf(items);
        }
    }

    /** The topic after the command. */
    record TopicReady(Topic topic) implements Outcome {}

    /** Allocated producer ids from {@code first} on. */
    record ProducerIds(long first, int count) implements Outcome {}

    /** The group is claimed with this epoch. */
    record GroupClaim(long claimEpoch) implements Outcome {}

    /** The number of the node. */
    record NodeNumber(int number) implements Outcome {}

    /** The results of a command's rows, in order. */
    record Rows(List<RowOutcome> rows) implements Outcome {
        public Rows {
            rows = List.copyOf(rows);
        }
    }

    /** The command was applied without further result. */
    record Completed() implements Outcome {}

    /** The command was rejected and changed nothing. */
    record CommandRejected(Problem problem) implements Outcome {}

    /** Returns this outcome with other reasons, except for a block, whose items have theirs. */
    default Outcome withReasons(UnaryOperator<Reason> change) {
        return switch (this) {
            case CommandRejected(Problem problem) ->
                    new CommandRejected(
                            new Problem(change.apply(problem.reason()), problem.message()));
            case Rows(List<RowOutcome> rows) ->
                    new Rows(
                            rows.stream()
                                    .<RowOutcome>map(row ->
                                            row instanceof RowOutcome.Rejected(Reason reason)
                                                    ? new RowOutcome.Rejected(change.apply(reason))
                                                    : row)
                                    .toList());
            default -> this;
        };
    }

    /** The result of a row of a command, such as a committed offset. */
    sealed interface RowOutcome {

        /** The row was accepted. */
        record Accepted() implements RowOutcome {}

        /** A later change has taken the row's place. */
        record Superseded() implements RowOutcome {}

        /** The row was rejected. */
        record Rejected(Reason reason) implements RowOutcome {}
    }

    /** The result of an item of a block. */
    sealed interface ItemOutcome {

        /** The item was appended. */
        record Appended(long baseOffset) implements ItemOutcome {}

        /** The item was appended before. */
        record Duplicate(long baseOffset, long appendTimeMs) implements ItemOutcome {}

        /** The item was appended before, and its offset is no longer in the state. */
        record OldDuplicate() implements ItemOutcome {}

        /** The item was rejected. */
        record Rejected(Reason reason) implements ItemOutcome {}
    }
}
