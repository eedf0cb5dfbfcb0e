package io.millrace.client.subscription;

import io.millrace.client.connection.CallFailures;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Applies the results of commits to a subscription. Owner: the I/O thread. */
final class CommitResultHandler {

    private final SubscriptionSettings settings;
    private final AssignedPartitionStates states;
    private final CommitLedger commits;
    private final Consumer<MillraceException> fail;

    CommitResultHandler(
            SubscriptionSettings settings,
            AssignedPartitionStates holdings,
            CommitLedger commits,
            Consumer<MillraceException> fail) {
        this.settings = settings;
        this.states = holdings;
        this.commits = commits;
        this.fail = fail;
    }

    /**
     * @param problem null if all offsets are stored
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
                    AssignedPartitionState holding = states.get(id);
                    if (holding != null) {
                        holding.committed(mark.offset());
                        states.scheduler().markDirty(holding);
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

    /** Loses the partition named by the problem, or else all partitions of the commit. */
    private void lost(CommitLedger.Pending commit, Problem problem, long nowNanos) {
        List<TopicPartition> lost =
                commit.marks().keySet().stream().filter(id -> isNamed(id, problem)).toList();
        if (lost.isEmpty()) {
            states.lose(List.copyOf(commit.marks().keySet()));
            return;
        }
        states.lose(lost);
        commit.marks().keySet().forEach(id -> markUnknown(id, nowNanos));
    }

    private static boolean isNamed(TopicPartition id, Problem problem) {
        return id.topic().equals(problem.details().get("topic"))
                && Integer.toString(id.partition()).equals(problem.details().get("partition"));
    }

    private void notStored(CommitLedger.Pending commit, Problem problem, long nowNanos) {
        boolean isOwn = commit.future() == null;
        if (problem.retriable() || !isOwn) {
            commit.marks().keySet().forEach(id -> markUnknown(id, nowNanos));
            return;
        }
        // A commit that can never be stored must not be retried forever.
        stored(commit);
        fail.accept(CallFailures.ofProblem(problem));
    }

    private void markUnknown(TopicPartition id, long nowNanos) {
        AssignedPartitionState holding = states.get(id);
        if (holding != null) {
            holding.committed(-1);
            if (holding.releasing || settings.commits() == CommitMode.BEFORE_HANDLING) {
                states.scheduler().retryLater(holding, nowNanos);
            }
            states.scheduler().markDirty(holding);
        }
    }
}
