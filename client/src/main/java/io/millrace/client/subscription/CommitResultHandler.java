package io.millrace.client.subscription;

import io.millrace.client.connection.CallFailures;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What the answer to a commit means. Owner: the I/O thread. */
final class CommitResultHandler {

    private final SubscriptionSettings settings;
    private final AssignedPartitionStates holdings;
    private final CommitLedger commits;
    private final Consumer<MillraceException> fail;

    /**
     * @param fail ends the subscription
     */
    CommitResultHandler(
            SubscriptionSettings settings,
            AssignedPartitionStates holdings,
            CommitLedger commits,
            Consumer<MillraceException> fail) {
        this.settings = settings;
        this.holdings = holdings;
        this.commits = commits;
        this.fail = fail;
    }

    /**
     * A commit was answered.
     *
     * @param problem why not all of it is stored; null if it is
     */
    void answered(CommitLedger.Pending commit, @Nullable Problem problem, long nowNanos) {
        if (problem == null) {
            stored(commit);
            return;
        }
        var future = commit.future();
        if (future != null) {
            commits.fail(future, problem);
        }
        if (isLoss(problem.reason())) {
            lost(commit, problem, nowNanos);
        } else {
            notStored(commit, problem, nowNanos);
        }
    }

    private void stored(CommitLedger.Pending commit) {
        commit.marks()
                .forEach((id, mark) -> {
                    AssignedPartitionState holding = holdings.get(id);
                    if (holding != null) {
                        holding.committed(mark.offset());
                        holdings.handover().touch(holding);
                    }
                });
        commits.succeed(commit);
    }

    private static boolean isLoss(Reason reason) {
        return switch (reason) {
            case UNKNOWN_MEMBER,
                    STALE_GENERATION,
                    PARTITION_NOT_LEASED,
                    UNKNOWN_TOPIC,
                    UNKNOWN_PARTITION ->
                    true;
            default -> false;
        };
    }

    /** What the node does not name shows with its next commit whether it is lost as well. */
    private void lost(CommitLedger.Pending commit, Problem problem, long nowNanos) {
        List<TopicPartition> lost =
                commit.marks().keySet().stream().filter(id -> isNamed(id, problem)).toList();
        if (lost.isEmpty()) {
            holdings.lose(List.copyOf(commit.marks().keySet()));
            return;
        }
        holdings.lose(lost);
        commit.marks().keySet().forEach(id -> unknown(id, nowNanos));
    }

    private static boolean isNamed(TopicPartition id, Problem problem) {
        return id.topic().equals(problem.details().get("topic"))
                && Integer.toString(id.partition()).equals(problem.details().get("partition"));
    }

    private void notStored(CommitLedger.Pending commit, Problem problem, long nowNanos) {
        boolean isOwn = commit.future() == null;
        if (problem.retriable() || !isOwn) {
            commit.marks().keySet().forEach(id -> unknown(id, nowNanos));
            return;
        }
        // What can never be stored must not be tried for ever.
        stored(commit);
        fail.accept(CallFailures.ofProblem(problem));
    }

    /** What the group has for a partition is not known; what is to be committed is tried again. */
    private void unknown(TopicPartition id, long nowNanos) {
        AssignedPartitionState holding = holdings.get(id);
        if (holding != null) {
            holding.committed(-1);
            if (holding.goes || settings.commits() == CommitMode.BEFORE_HANDLING) {
                holdings.handover().retryLater(holding, nowNanos);
            }
            holdings.handover().touch(holding);
        }
    }
}
