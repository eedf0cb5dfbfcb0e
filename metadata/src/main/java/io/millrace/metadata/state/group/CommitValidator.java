package io.millrace.metadata.state.group;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.metadata.state.partition.TopicTable;
import io.millrace.protocol.error.Reason;
import org.jspecify.annotations.Nullable;

/** Validates the offsets of a commit, each by itself. */
final class CommitValidator {

    static final RowOutcome ACCEPTED = new RowOutcome.Accepted();

    private static final RowOutcome SUPERSEDED = new RowOutcome.Superseded();
    private static final RowOutcome UNKNOWN_PARTITION =
            new RowOutcome.Rejected(Reason.UNKNOWN_PARTITION);
    private static final RowOutcome NOT_LEASED =
            new RowOutcome.Rejected(Reason.PARTITION_NOT_LEASED);
    private static final RowOutcome TOO_LARGE = new RowOutcome.Rejected(Reason.TOO_LARGE);
    private static final RowOutcome TOO_MANY = new RowOutcome.Rejected(Reason.GROUP_LIMIT_REACHED);

    private final TopicTable topics;
    private final GroupTotals totals;
    private final Command.OffsetsCommitted command;
    private final @Nullable MemberSlot member;

    /**
     * @param member the committing member; null for a commit to a group without members
     */
    CommitValidator(
            TopicTable topics,
            GroupTotals totals,
            Command.OffsetsCommitted command,
            @Nullable MemberSlot member) {
        this.topics = topics;
        this.totals = totals;
        this.command = command;
        this.member = member;
    }

    RowOutcome validate(@Nullable GroupPartitions known, OffsetCommit commit) {
        int partition = commit.partition();
        if (topics.partition(commit.topicId(), partition) == null) {
            return UNKNOWN_PARTITION;
        }
        if (member != null && (known == null || !isLeased(known, partition))) {
            return NOT_LEASED;
        }
        if (known != null && isSuperseded(known, partition)) {
            return SUPERSEDED;
        }
        if (commit.committed().text().length() > GroupLimits.MAX_TEXT_CHARS) {
            return TOO_LARGE;
        }
        boolean needsPage = known == null || !known.hasPage(partition);
        int chars = known == null ? 0 : known.textChars(partition);
        return (needsPage && !GroupChangeValidator.fitPages(totals, 1))
                        || !GroupChangeValidator.fitBytes(
                                totals, commit.committed().text().length() - chars)
                ? TOO_MANY
                : ACCEPTED;
    }

    private boolean isLeased(GroupPartitions known, int partition) {
        return known.holder(partition) == member
                && known.generation(partition) <= command.generation();
    }

    private boolean isSuperseded(GroupPartitions known, int partition) {
        if (command.number() == Command.OffsetsCommitted.START_POSITION) {
            return known.committed(partition) != null;
        }
        // An unnumbered commit is older than a numbered commit. A start position is set by the
        // node.
        long counted = known.number(partition);
        return counted > Command.OffsetsCommitted.START_POSITION && command.number() < counted;
    }
}
