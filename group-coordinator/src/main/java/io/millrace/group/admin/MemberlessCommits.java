package io.millrace.group.admin;

import io.millrace.group.CommitResult;
import io.millrace.group.coordinator.GroupCommits;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.group.GroupLimits;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Commits offsets without a member. */
final class MemberlessCommits {

    /** Fits into a log entry if the commit metadata have the usual length. */
    private static final int MAX_ROWS_PER_ENTRY = 10_000;

    private static final int NO_GENERATION = -1;

    private final GroupCommits commits;

    MemberlessCommits(GroupCommits commits) {
        this.commits = commits;
    }

    /**
     * @return for each offset, the reason for the rejection; empty if accepted
     */
    CompletableFuture<List<Optional<Problem>>> commit(String group, List<OffsetCommit> rows) {
        return commitFrom(group, rows, 0, new ArrayList<>(rows.size()));
    }

    private CompletableFuture<List<Optional<Problem>>> commitFrom(
            String group, List<OffsetCommit> rows, int from, List<Optional<Problem>> done) {
        if (from == rows.size()) {
            return CompletableFuture.completedFuture(done);
        }
        List<OffsetCommit> part =
                rows.subList(from, Math.min(rows.size(), from + MAX_ROWS_PER_ENTRY));
        return commits.commit(group, "", NO_GENERATION, Command.OffsetsCommitted.UNNUMBERED, part)
                .thenCompose(result ->
                        switch (result) {
                            case CommitResult.Judged(var outcomes) -> {
                                for (int i = 0; i < outcomes.size(); i++) {
                                    done.add(problem(group, part.get(i), outcomes.get(i)));
                                }
                                yield commitFrom(group, rows, from + part.size(), done);
                            }
                            case CommitResult.Failed(var why) -> throw new ProblemException(why);
                        });
    }

    private static Optional<Problem> problem(
            String group, OffsetCommit commit, Outcome.RowOutcome row) {
        return switch (row) {
            case Outcome.RowOutcome.Accepted(), Outcome.RowOutcome.Superseded() -> Optional.empty();
            case Outcome.RowOutcome.Rejected(var reason) ->
                    Optional.of(new Problem(reason, message(group, commit, reason)));
        };
    }

    private static String message(String group, OffsetCommit commit, Reason reason) {
        return switch (reason) {
            case UNKNOWN_PARTITION ->
                    "Topic %d has no partition %d for group %s; it may have been deleted."
                            .formatted(commit.topicId(), commit.partition(), group);
            case TOO_LARGE ->
                    "The commit metadata for partition %d has more than %d characters: shorten the text."
                            .formatted(commit.partition(), GroupLimits.MAX_TEXT_CHARS);
            case GROUP_LIMIT_REACHED ->
                    "The cluster has reached its limit of committed offsets: delete unused groups.";
            default ->
                    "The offset of partition %d of group %s was rejected: %s."
                            .formatted(commit.partition(), group, reason);
        };
    }
}
