package io.millrace.group.coordinator;

import io.millrace.group.CommitResult;
import io.millrace.group.GroupMetrics;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.Metadata.Priority;
import io.millrace.metadata.Proposal;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.Outcome;
import io.millrace.metadata.group.OffsetCommit;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Commits offsets of groups at any node; the applied state decides which leases are valid. The
 * queue is bounded, so that the log has room for produce requests: excess commits are rejected with
 * OVERLOADED. Owned by the metadata's event loop.
 */
public final class GroupCommits {

    static final int MAX_WAITING = 10_000;

    static final long MAX_WAITING_BYTES = 32 << 20;

    private static final CommitResult TOO_MANY =
            new CommitResult.Failed(
                    new Problem(
                            Reason.OVERLOADED,
                            "Too many commits wait for the metadata log; try again."));

    private final Metadata metadata;
    private final GroupMetrics metrics;
    private int waiting;
    private long waitingBytes;

    public GroupCommits(Metadata metadata, GroupMetrics metrics) {
        this.metadata = metadata;
        this.metrics = metrics;
    }

    /**
     * @param member the member id; empty for a commit without a member, accepted while the group
     *     has no members
     * @param generation the generation last reported to the member; -1 without a member
     * @param offsets one offset for each partition
     * @return completes on the event loop, never exceptionally
     */
    public CompletableFuture<CommitResult> commit(
            String group, String member, int generation, long number, List<OffsetCommit> offsets) {
        long bytes = bytes(offsets);
        if (waiting == MAX_WAITING || waiting > 0 && waitingBytes + bytes > MAX_WAITING_BYTES) {
            metrics.committed(TOO_MANY);
            return CompletableFuture.completedFuture(TOO_MANY);
        }
        waiting++;
        waitingBytes += bytes;
        Command.OffsetsCommitted command =
                new Command.OffsetsCommitted(group, member, generation, number, offsets);
        return propose(command)
                .thenApply(result -> {
                    waiting--;
                    waitingBytes -= bytes;
                    metrics.committed(result);
                    return result;
                });
    }

    private CompletableFuture<CommitResult> propose(Command.OffsetsCommitted command) {
        return metadata.propose(command, Priority.BACKGROUND).thenApply(GroupCommits::result);
    }

    /** Estimates the memory of these offsets in bytes. */
    public static long bytes(List<OffsetCommit> offsets) {
        long bytes = 0;
        for (OffsetCommit commit : offsets) {
            bytes += 100 + 2L * commit.committed().text().length();
        }
        return bytes;
    }

    private static CommitResult result(Proposal proposal) {
        return switch (proposal) {
            case Proposal.Applied(Outcome.Rows(var rows), var nanos) ->
                    new CommitResult.Judged(rows);
            case Proposal.Applied(Outcome.CommandRejected(var problem), var nanos) ->
                    new CommitResult.Failed(problem);
            case Proposal.Applied(Outcome other, var nanos) ->
                    throw new IllegalStateException("a commit became " + other);
            case Proposal.NotApplied(var problem) -> new CommitResult.Failed(problem);
            case Proposal.Unknown(var problem) -> new CommitResult.Failed(problem);
        };
    }
}
