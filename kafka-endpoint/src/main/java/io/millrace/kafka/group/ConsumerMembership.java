package io.millrace.kafka.group;

import io.millrace.group.AssignedPartition;
import io.millrace.group.GroupSession;
import io.millrace.group.MemberDetails;
import io.millrace.group.SessionListener;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntSupplier;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * A member of KIP-848 whose heartbeats reach this node: the session with its group, and what the
 * next heartbeats must answer. Owned by the metadata's event loop.
 */
final class ConsumerMembership implements SessionListener {

    static final String UNIFORM = "uniform";
    static final String RANGE = "range";

    /**
     * The answer to a heartbeat.
     *
     * @param assignment all partitions that the member may own; empty if the member knows them
     */
    record Answer(Errors error, int epoch, Optional<Set<PartitionId>> assignment) {

        static Answer failed(Errors error) {
            return new Answer(error, 0, Optional.empty());
        }
    }

    private record Waiting(long mark, boolean wantsAll, CompletableFuture<Answer> answer) {}

    final String memberId;
    private final MemberDetails details;
    private final IntSupplier groupGeneration;
    private final Set<PartitionId> target = new TreeSet<>();
    private final Set<PartitionId> revoking = new TreeSet<>();
    private final List<Waiting> waiting = new ArrayList<>();
    private @Nullable GroupSession session;
    private @Nullable Errors endError;
    private Runnable onEnded = () -> {};
    private boolean joined;
    private boolean awaitsAssignment;
    private long acknowledged;
    private boolean targetUnknown = true;
    private int epoch;
    private int answeredEpoch;
    private int confirmedEpoch;
    private long mark;

    /**
     * @param groupGeneration the generation of the group in the log
     */
    ConsumerMembership(String memberId, MemberDetails details, IntSupplier groupGeneration) {
        this.memberId = memberId;
        this.details = details;
        this.groupGeneration = groupGeneration;
    }

    MemberDetails details() {
        return details;
    }

    int epoch() {
        return epoch;
    }

    /** Returns the epoch of the last answer; 0 before the first one. */
    int answeredEpoch() {
        return answeredEpoch;
    }

    /**
     * Returns whether a client may have an epoch. After lost answers the client still has an
     * earlier one, but none from before its last heartbeat. A client with an earlier epoch must
     * name the partitions that it owns, and must have been assigned all of them.
     *
     * @param owned the partitions that the client owns; empty if unchanged
     */
    boolean accepts(int received, Optional<Set<PartitionId>> owned) {
        return received == answeredEpoch
                || (received >= confirmedEpoch
                        && received < answeredEpoch
                        && owned.filter(inUse()::containsAll).isPresent());
    }

    /** Records the epoch of a client, which has received the answer with this epoch. */
    void confirm(int received) {
        confirmedEpoch = Math.max(confirmedEpoch, received);
        answeredEpoch = Math.max(answeredEpoch, received);
    }

    boolean isEnded() {
        return endError != null;
    }

    /** Continues with the partitions of an earlier session of the same client. */
    void continueFrom(ConsumerMembership former) {
        target.addAll(former.target);
        revoking.addAll(former.revoking);
        epoch = former.epoch;
        answeredEpoch = former.answeredEpoch;
        confirmedEpoch = former.confirmedEpoch;
    }

    /** Returns the partitions that the client may be working on. */
    Set<PartitionId> inUse() {
        Set<PartitionId> all = new TreeSet<>(target);
        all.addAll(revoking);
        return all;
    }

    /** Begins, with the session that reports to this object. */
    void begin(GroupSession opened, Runnable ended) {
        session = opened;
        onEnded = ended;
    }

    /**
     * Processes a heartbeat. The answer completes once the coordinator has acknowledged it.
     *
     * @param owned the partitions that the client owns; empty if unchanged
     * @param wantsAll whether the answer must hold the assignment
     */
    CompletableFuture<Answer> heartbeat(Optional<Set<PartitionId>> owned, boolean wantsAll) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        if (endError != null || session == null) {
            answer.complete(Answer.failed(endError == null ? Errors.UNKNOWN_MEMBER_ID : endError));
            return answer;
        }
        owned.ifPresent(this::releaseAllBut);
        waiting.add(new Waiting(++mark, wantsAll, answer));
        GroupSession current = session;
        if (current != null) {
            current.heartbeat(mark);
        }
        return answer;
    }

    private void releaseAllBut(Set<PartitionId> owned) {
        List<PartitionId> released = new ArrayList<>();
        for (PartitionId key : revoking) {
            if (!owned.contains(key)) {
                released.add(key);
            }
        }
        released.forEach(revoking::remove);
        if (!released.isEmpty() && session != null) {
            session.released(released);
        }
    }

    /**
     * Holds back answers until partitions are assigned or {@link #stopAwaitingAssignment} is
     * called. Otherwise, a member that joins would receive them one heartbeat interval later.
     */
    void awaitAssignment() {
        awaitsAssignment = true;
    }

    /** Answers without an assignment, which the member then receives with a later heartbeat. */
    void stopAwaitingAssignment() {
        awaitsAssignment = false;
        answerAcknowledged();
    }

    /** Gives up on answers that the coordinator has not acknowledged. */
    void timeOut(CompletableFuture<Answer> answer) {
        if (waiting.removeIf(each -> each.answer() == answer)) {
            answer.complete(Answer.failed(Errors.COORDINATOR_LOAD_IN_PROGRESS));
        }
    }

    CompletableFuture<Void> leave() {
        GroupSession leaving = session;
        fail(Errors.UNKNOWN_MEMBER_ID);
        return leaving == null ? CompletableFuture.completedFuture(null) : leaving.leave();
    }

    /** Ends the session here; the member stays in the group until its session expires. */
    void detach() {
        GroupSession leaving = session;
        fail(Errors.UNKNOWN_MEMBER_ID);
        if (leaving != null) {
            leaving.detach();
        }
    }

    private void fail(Errors error) {
        if (endError == null) {
            endError = error;
            session = null;
            List<Waiting> all = List.copyOf(waiting);
            waiting.clear();
            all.forEach(each -> each.answer().complete(Answer.failed(error)));
            onEnded.run();
        }
    }

    private void answerAcknowledged() {
        if (!joined || awaitsAssignment) {
            return;
        }
        List<Waiting> due = waiting.stream().filter(each -> each.mark() <= acknowledged).toList();
        waiting.removeAll(due);
        for (Waiting each : due) {
            boolean tells = each.wantsAll() || targetUnknown;
            targetUnknown = false;
            answeredEpoch = epoch;
            if (confirmedEpoch == 0) {
                // A client that loses the answer to its join repeats the join.
                confirmedEpoch = epoch;
            }
            each.answer()
                    .complete(
                            new Answer(
                                    Errors.NONE,
                                    epoch,
                                    tells ? Optional.of(Set.copyOf(target)) : Optional.empty()));
        }
    }

    @Override
    public void invited(String invitation) {
        // Members that choose their ids are not invited.
    }

    @Override
    public void joined(String id) {
        joined = true;
        epoch = Math.max(epoch, Math.max(1, groupGeneration.getAsInt()));
    }

    @Override
    public void assigned(int generation, List<AssignedPartition> partitions) {
        epoch = Math.max(epoch, generation);
        partitions.forEach(each -> {
            target.add(each.partition());
            revoking.remove(each.partition());
        });
        targetUnknown = true;
        stopAwaitingAssignment();
    }

    @Override
    public void revoke(List<PartitionId> partitions) {
        revoking.addAll(partitions);
        remove(partitions);
    }

    @Override
    public void lost(List<PartitionId> partitions) {
        partitions.forEach(revoking::remove);
        remove(partitions);
    }

    private void remove(Collection<PartitionId> partitions) {
        partitions.forEach(target::remove);
        targetUnknown = true;
    }

    @Override
    public void heartbeatAcknowledged(long mark) {
        acknowledged = Math.max(acknowledged, mark);
        answerAcknowledged();
    }

    @Override
    public void ended(Problem problem) {
        fail(error(problem.reason()));
    }

    /** Returns the code after which a member of KIP-848 does what the reason requires. */
    static Errors error(Reason reason) {
        return switch (reason) {
            case UNKNOWN_MEMBER -> Errors.UNKNOWN_MEMBER_ID;
            case INSTANCE_REPLACED -> Errors.FENCED_INSTANCE_ID;
            case NOT_COORDINATOR -> Errors.COORDINATOR_LOAD_IN_PROGRESS;
            default -> GroupErrors.of(reason);
        };
    }
}
