package io.millrace.client.subscription;

import io.millrace.client.connection.CallFailures;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.StartPosition;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.subscription.AssignedPartitionState.Stage;
import io.millrace.client.subscription.SubscriptionStep.Notice;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.v1.AssignedPartition;
import io.millrace.protocol.v1.Batches;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The partitions assigned to a subscription. Applies events from the node and calls from the
 * application. Owner: the I/O thread.
 */
final class AssignedPartitionStates {

    private final SubscriptionSteps steps;
    private final PartitionMessages messages;
    private final CommitLedger commits;
    private final ReceiveBuffer receiveBuffer;
    private final HandlerScheduler scheduler;
    private final Consumer<MillraceException> fail;
    private final Map<TopicPartition, AssignedPartitionState> held = new LinkedHashMap<>();
    private boolean closing;

    AssignedPartitionStates(
            SubscriptionSettings settings,
            SubscriptionSteps steps,
            CommitLedger commits,
            CreditWindow credit,
            Consumer<MillraceException> fail) {
        this.steps = steps;
        this.messages = new PartitionMessages(steps);
        this.commits = commits;
        this.receiveBuffer = new ReceiveBuffer(settings.bufferBytes(), credit, messages, held);
        this.fail = fail;
        this.scheduler = new HandlerScheduler(settings, steps, messages, commits, held);
    }

    HandlerScheduler scheduler() {
        return scheduler;
    }

    @Nullable AssignedPartitionState get(TopicPartition id) {
        return held.get(id);
    }

    Collection<AssignedPartitionState> all() {
        return held.values();
    }

    boolean isEmpty() {
        return held.isEmpty();
    }

    boolean isConfirmed(TopicPartition id) {
        AssignedPartitionState holding = held.get(id);
        return holding != null && holding.isConfirmed();
    }

    /**
     * @param complete true if all partitions not listed are lost
     */
    void assigned(List<AssignedPartition> partitions, boolean complete, long nowNanos) {
        lose(replaced(partitions));
        List<AssignedPartitionState> fresh = new ArrayList<>();
        List<Assignment> assignments = new ArrayList<>();
        Set<TopicPartition> gone = new HashSet<>(complete ? held.keySet() : Set.of());
        for (AssignedPartition each : partitions) {
            TopicPartition id = new TopicPartition(each.getTopic(), each.getPartition());
            AssignedPartitionState known = held.get(id);
            if (known != null) {
                confirm(known, each.getPosition(), nowNanos);
                gone.remove(id);
            } else if (!closing) {
                Assignment assignment =
                        new Assignment(
                                id, each.getTopicId(), each.getPosition(), each.getMetadata());
                AssignedPartitionState holding = new AssignedPartitionState(assignment);
                held.put(id, holding);
                fresh.add(holding);
                assignments.add(assignment);
            }
        }
        lose(gone);
        if (!fresh.isEmpty()) {
            steps.add(new SubscriptionStep.NotifyListener(new Notice.Assigned(fresh, assignments)));
        }
    }

    /** Returns the held partitions whose topics were deleted and created again. */
    private List<TopicPartition> replaced(List<AssignedPartition> partitions) {
        List<TopicPartition> replaced = new ArrayList<>();
        for (AssignedPartition each : partitions) {
            TopicPartition id = new TopicPartition(each.getTopic(), each.getPartition());
            AssignedPartitionState known = held.get(id);
            if (known != null && known.topicId() != each.getTopicId()) {
                replaced.add(id);
            }
        }
        return replaced;
    }

    /** Returns whether every partition has an offset, so that a later stream can continue there. */
    boolean arePositionsKnown() {
        return held.values().stream().allMatch(AssignedPartitionState::isPositionKnown);
    }

    /** Confirms a partition of an earlier stream and resumes at its received offset. */
    private void confirm(AssignedPartitionState holding, long position, long nowNanos) {
        holding.confirmed(position);
        if (!holding.releasing) {
            if (!holding.mustSeek()
                    && holding.isPositionKnown()
                    && position != holding.received()) {
                messages.seek(holding.id, holding.takeResumeSeek(), nowNanos);
            }
            if (holding.paused || holding.throttled) {
                messages.pause(holding.id, false, nowNanos);
            }
        }
        scheduler.markDirty(holding);
    }

    void revoke(List<TopicPartition> partitions) {
        for (TopicPartition id : partitions) {
            AssignedPartitionState holding = held.get(id);
            if (holding != null) {
                holding.revoked = true;
                abort(holding);
            }
        }
    }

    void close() {
        closing = true;
        held.values().forEach(this::abort);
    }

    private void abort(AssignedPartitionState holding) {
        if (!holding.releasing) {
            holding.releasing = true;
            receiveBuffer.drop(holding);
            if (holding.stage == Stage.OPEN) {
                holding.stage = Stage.DRAINING;
            }
        }
        scheduler.markDirty(holding);
    }

    void loseAll() {
        lose(Set.copyOf(held.keySet()));
    }

    void lose(Collection<TopicPartition> partitions) {
        List<TopicPartition> lost = new ArrayList<>();
        for (TopicPartition id : partitions) {
            AssignedPartitionState holding = held.remove(id);
            if (holding != null) {
                receiveBuffer.drop(holding);
                scheduler.forget(holding);
                commits.forget(id);
                lost.add(id);
            }
        }
        if (!lost.isEmpty()) {
            steps.add(new SubscriptionStep.NotifyListener(new Notice.Lost(List.copyOf(lost))));
        }
    }

    void received(Batches message, long nowNanos) {
        TopicPartition id = new TopicPartition(message.getTopic(), message.getPartition());
        try {
            receiveBuffer.received(id, message, nowNanos);
        } catch (MillraceException.Corrupt nonsense) {
            fail.accept(nonsense);
        }
        AssignedPartitionState holding = held.get(id);
        if (holding != null) {
            scheduler.markDirty(holding);
        }
    }

    void positioned(TopicPartition id, long position, int seeks) {
        AssignedPartitionState holding = held.get(id);
        if (holding != null) {
            holding.positioned(position, seeks);
            scheduler.markDirty(holding);
        }
    }

    void failed(TopicPartition id, Problem problem, int seeks, long nowNanos) {
        AssignedPartitionState holding = held.get(id);
        if (holding == null || holding.releasing || holding.isOutdated(seeks)) {
            return;
        }
        if (problem.retriable()) {
            receiveBuffer.drop(holding);
            receiveBuffer.resumeIfDrained(holding, nowNanos);
            holding.readFailed("%s cannot be read: %s".formatted(id, problem.message()), nowNanos);
            scheduler.retryLater(holding, nowNanos);
        } else {
            holding.failure = CallFailures.ofPartition(id, holding.received(), problem);
            scheduler.markDirty(holding);
        }
    }

    /** Returns the latest retriable failure of a partition; null without. */
    AssignedPartitionState.@Nullable ReadProblem readProblem() {
        AssignedPartitionState.ReadProblem latest = null;
        for (AssignedPartitionState each : held.values()) {
            AssignedPartitionState.ReadProblem problem = each.readProblem();
            if (problem != null && (latest == null || problem.nanos() - latest.nanos() > 0)) {
                latest = problem;
            }
        }
        return latest;
    }

    void handlerEnded(HandlerRun run, HandlerRun.Outcome outcome, long nowNanos) {
        scheduler.ended(run);
        receiveBuffer.release(run.batches());
        if (outcome instanceof HandlerRun.Outcome.Threw(Throwable cause)) {
            String what = "The handler threw %s on %s, at offset %d.";
            fail.accept(
                    cause instanceof MillraceException.Undecodable undecodable
                            ? undecodable
                            : new MillraceException.HandlerFailed(
                                    what.formatted(cause, run.partition(), run.position()), cause));
        }
        AssignedPartitionState holding = held.get(run.partition());
        if (holding == null) {
            return;
        }
        scheduler.markDirty(holding);
        if (!holding.ended(run)) {
            receiveBuffer.resumeIfDrained(holding, nowNanos);
            return;
        }
        if (run.position() < run.batches().end()) {
            receiveBuffer.drop(holding);
        }
        if (outcome instanceof HandlerRun.Outcome.Damaged(MillraceException.Corrupt failure)
                && !holding.damaged()) {
            fail.accept(failure);
        }
        receiveBuffer.resumeIfDrained(holding, nowNanos);
    }

    void pause(Collection<TopicPartition> partitions, long nowNanos) {
        for (TopicPartition id : partitions) {
            AssignedPartitionState holding = held.get(id);
            if (holding != null && !holding.paused && !holding.releasing) {
                holding.paused = true;
                receiveBuffer.drop(holding);
                if (holding.isConfirmed()) {
                    messages.pause(id, false, nowNanos);
                }
            }
        }
    }

    void resume(Collection<TopicPartition> partitions, long nowNanos) {
        for (TopicPartition id : partitions) {
            AssignedPartitionState holding = held.get(id);
            if (holding != null && holding.paused) {
                holding.paused = false;
                holding.throttled = false;
                messages.resume(holding, nowNanos);
                scheduler.markDirty(holding);
            }
        }
    }

    void seek(TopicPartition id, StartPosition place, long nowNanos) {
        AssignedPartitionState holding = held.get(id);
        if (holding != null) {
            receiveBuffer.drop(holding);
            holding.moveTo(place);
            receiveBuffer.resumeIfDrained(holding, nowNanos);
            scheduler.markDirty(holding);
        }
    }

    void streamLost() {
        held.values().forEach(AssignedPartitionState::streamLost);
    }

    Map<TopicPartition, CommitLedger.CommitOffset> uncommitted() {
        Map<TopicPartition, CommitLedger.CommitOffset> marks = new HashMap<>();
        for (AssignedPartitionState holding : held.values()) {
            if (holding.stage == Stage.OPEN
                    && holding.needsCommit()
                    && !commits.isWaiting(holding.id)) {
                marks.put(holding.id, holding.offsetToCommit());
            }
        }
        return marks;
    }
}
