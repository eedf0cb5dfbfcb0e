package io.millrace.simulation.invariant;

import io.millrace.group.CommitResult;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Reason;
import io.millrace.simulation.world.Violations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Looks at commits behind which a member lets go of a partition, over a connection that holds and
 * while its right lasts: such a commit counts before the partition goes to anybody, and be it to
 * the same member again. Otherwise what was done in order would be done twice.
 */
final class CloseCheck {

    /** One commit that is on its way, and where its sender was told since to begin again. */
    private record Close(SentCommit commit, List<String> begins) {}

    private final Violations violations;
    private final CommitCheck commits;
    private final Map<PartitionId, Close> closes = new TreeMap<>();

    CloseCheck(Violations violations, CommitCheck commits) {
        this.violations = violations;
        this.commits = commits;
    }

    /** A member sends this, and lets go of the partition then. */
    void closes(SentCommit commit) {
        closes.put(commit.key(), new Close(commit, new ArrayList<>()));
    }

    /**
     * A member's process is told that a partition is its own.
     *
     * @param text of the commit behind which it begins; empty for none
     */
    void begins(PartitionId key, long process, String text) {
        Close close = closes.get(key);
        if (close != null && close.commit().process() == process) {
            close.begins().add(text);
        }
    }

    /** Its sender hears what became of it, over the same connection and with a right still. */
    void answered(SentCommit commit, CommitResult result) {
        Close close = closes.get(commit.key());
        if (close == null || !close.commit().equals(commit)) {
            return;
        }
        closes.remove(commit.key());
        switch (result) {
            case CommitResult.Failed(var why) -> mustCount(commit, why.reason());
            case CommitResult.Judged(var rows) -> {
                if (rows.getFirst() instanceof RowOutcome.Rejected(var reason)) {
                    mustCount(commit, reason);
                } else {
                    close.begins().forEach(text -> mustBeSeen(commit, text));
                }
            }
        }
    }

    private void mustCount(SentCommit commit, Reason reason) {
        violations.check(
                reason != Reason.PARTITION_NOT_LEASED && reason != Reason.UNKNOWN_MEMBER,
                "%s hears %s, and its sender let go only behind it",
                commit,
                reason);
    }

    private void mustBeSeen(SentCommit commit, String text) {
        violations.check(
                !commits.countedAfter(commit, text),
                "%s counts, and its sender was told to begin again behind \"%s\", before that",
                commit,
                text);
    }
}
