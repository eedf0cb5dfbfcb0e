package io.millrace.metadata.command;

import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;

/** The state machine's result of a command, the same at every node. Immutable. */
public sealed interface Outcome {

    /** The results of a block's items, in order. */
    record Block(List<ItemOutcome> items) implements Outcome {
        public Block {
            items = List.copyOf(items);
        }
    }

    /** The topic after the command. */
    record TopicReady(Topic topic) implements Outcome {}

    /** Allocated producer ids, {@code count} from {@code first} on. */
    record ProducerIds(long first, int count) implements Outcome {}

    /** The group is claimed by the proposer with this epoch. */
    record GroupClaim(long claimEpoch) implements Outcome {}

    /** The results of a command's rows, in order. */
    record Rows(List<RowOutcome> rows) implements Outcome {
        public Rows {
            rows = List.copyOf(rows);
        }
    }

    /** The command was applied; there is no further result. */
    record Completed() implements Outcome {}

    /** The command was rejected and changed nothing. */
    record CommandRejected(Problem problem) implements Outcome {}

    /** The result of one row of a command, such as a committed offset or a log start. */
    sealed interface RowOutcome {

        /** The row was accepted. */
        record Accepted() implements RowOutcome {}

        /** A later change has taken the row's place; nothing needs to be done. */
        record Superseded() implements RowOutcome {}

        /** The row was rejected, for example with PARTITION_NOT_LEASED or UNKNOWN_PARTITION. */
        record Rejected(Reason reason) implements RowOutcome {}
    }

    /** The result of an item of a block. */
    sealed interface ItemOutcome {

        /** The item was appended to its partition at this offset. */
        record Appended(long baseOffset) implements ItemOutcome {}

        /** The item was appended before. */
        record Duplicate(long baseOffset, long appendTimeMs) implements ItemOutcome {}

        /** The item was appended before, too long ago for its offset to be known. */
        record OldDuplicate() implements ItemOutcome {}

        /** The item was rejected, for example with UNKNOWN_PARTITION or OUT_OF_ORDER_SEQUENCE. */
        record Rejected(Reason reason) implements ItemOutcome {}
    }
}
