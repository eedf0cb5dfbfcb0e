package io.millrace.metadata.command;

import io.millrace.metadata.topic.Topic;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;

/** What the state machine made of a command: the same at every node. Immutable. */
public sealed interface Outcome {

    /** One outcome for each item of a block, in its order. */
    record Block(List<Item> items) implements Outcome {
        public Block {
            items = List.copyOf(items);
        }
    }

    /** The topic as it is now. */
    record TopicReady(Topic topic) implements Outcome {}

    /** Ids from {@code first} on are the proposer's. */
    record ProducerIds(long first, int count) implements Outcome {}

    /** The group is the proposer's under this claim. */
    record GroupClaim(long claimEpoch) implements Outcome {}

    /** One outcome for each offset that was given, in their order. */
    record Rows(List<RowOutcome> rows) implements Outcome {
        public Rows {
            rows = List.copyOf(rows);
        }
    }

    /** It is so. */
    record Done() implements Outcome {}

    /** Nothing changed. */
    record Rejected(Problem problem) implements Outcome {}

    /** What became of one offset that was given: of a commit, or to begin at. */
    sealed interface RowOutcome {

        /** It counts. */
        record Accepted() implements RowOutcome {}

        /** It does not, and need not: what the member has committed since does. */
        record Superseded() implements RowOutcome {}

        /** It does not: PARTITION_NOT_LEASED, UNKNOWN_PARTITION, and so on. */
        record Rejected(Reason reason) implements RowOutcome {}
    }

    /** What became of an item of a block. */
    sealed interface Item {

        /** It is in the order of its partition from this offset on. */
        record Appended(long baseOffset) implements Item {}

        /** It was there before. */
        record Duplicate(long baseOffset, long appendTimeMs) implements Item {}

        /** It was there before, too long ago for its offset to be known. */
        record OldDuplicate() implements Item {}

        /** It is not in the order: UNKNOWN_PARTITION, OUT_OF_ORDER_SEQUENCE, and so on. */
        record Rejected(Reason reason) implements Item {}
    }
}
