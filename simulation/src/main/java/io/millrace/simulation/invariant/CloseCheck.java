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
 * Checks the last commit before a member with a valid lease releases a partition. The commit must
 * count before the partition is assigned again.
 */
final class CloseCheck {

    private record ClosingCommit(SentCommit commit, List<String> startTexts) {}

    private final Violations violations;
    private final CommitCheck commits;
    private final Map<PartitionId, ClosingCommit> closes = new TreeMap<>();

    CloseCheck(Violations violations, CommitCheck commits) {
        this.violations = violations;
        this.commits = commits;
    }

    void closes(SentCommit commit) {
        closes.put(commit.key(), new ClosingCommit(commit, new ArrayList<>()));
    }

    /**
     * @param text the text of the commit to start at; empty for none
     */
    void assigned(PartitionId key, long process, String text) {
        ClosingCommit close = closes.get(key);
        if (close != null && close.commit().process() == process) {
            close.startTexts().add(text);
        }
    }

    void answered(SentCommit commit, CommitResult result) {
        ClosingCommit close = closes.get(commit.key());
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
                    close.startTexts().forEach(text -> mustNotBeMissed(commit, text));
                }
            }
        }
    }

    private void mustCount(SentCommit commit, Reason reason) {
        violations.check(
                reason != Reason.PARTITION_NOT_LEASED && reason != Reason.UNKNOWN_MEMBER,
                "%s was answered with %s, although its sender released the partition after it",
                commit,
                reason);
    }

    private void mustNotBeMissed(SentCommit commit, String text) {
        violations.check(
                !commits.countedAfter(commit, text),
                "%s counts, but its sender was assigned the partition again at \"%s\" before",
                commit,
                text);
    }
}
