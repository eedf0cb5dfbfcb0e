package io.millrace.group.classic;

import io.millrace.group.timing.Timeouts;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topics;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The states of a classic group and their transitions: {@code EMPTY} or {@code STABLE} → {@code
 * PREPARING_REBALANCE} (members join) → {@code COMPLETING_REBALANCE} (the leader assigns, and the
 * log takes the change) → {@code STABLE}. Requests are checked by {@link ClassicGroup}. Owned by
 * its group.
 */
final class ClassicLifecycle {

    private final ClassicSettings settings;
    private final Timeouts timeouts;
    private final Runnable onUnsettled;
    private final PromisedIds promisedIds;
    private final ClassicMembers members = new ClassicMembers();
    private final EmptyGroupTasks whenEmpty = new EmptyGroupTasks();
    private final ClassicElection election;
    private ClassicState state;
    private @Nullable ClassicRebalance rebalance;
    private JoinPhase joinPhase = JoinPhase.NONE;
    private Timeouts.@Nullable Timeout syncTimeout;
    private long rebalancesBegun;
    private boolean isFirst;

    /** The leased partitions that the last rebalance at this node assigned to no member. */
    private Set<PartitionId> unassigned = Set.of();

    ClassicLifecycle(
            Group now,
            ClassicSettings settings,
            Timeouts timeouts,
            Duration undetectedDeath,
            PromisedIds promisedIds,
            Runnable onUnsettled) {
        this.settings = settings;
        this.timeouts = timeouts;
        this.promisedIds = promisedIds;
        this.onUnsettled = onUnsettled;
        this.election = new ClassicElection(ClassicGroup.details(now));
        this.state = now.members().isEmpty() ? ClassicState.EMPTY : ClassicState.STABLE;
        now.members()
                .forEach(known -> {
                    ClassicMember member = ClassicMember.decode(known);
                    members.add(member);
                    member.startSession(timeouts, undetectedDeath, () -> expired(member));
                });
    }

    ClassicState state() {
        return state;
    }

    long rebalancesBegun() {
        return rebalancesBegun;
    }

    ClassicElection election() {
        return election;
    }

    ClassicMembers members() {
        return members;
    }

    /** Returns the generation that the current rebalance will create; -1 without one. */
    int nextGeneration() {
        return state == ClassicState.COMPLETING_REBALANCE ? rebalance().generation() : -1;
    }

    /** Takes the assignments of the leader; only the first counts. */
    void assign(Map<String, MemberAssignment> assignments) {
        if (!rebalance().isAssigned()) {
            rebalance().assign(assignments);
            onUnsettled.run();
        }
    }

    void tellGeneration(ClassicMember member, Consumer<JoinAnswer> reply) {
        member.generation = rebalance().generation();
        member.pendingSync = true;
        member.extendSession();
        reply.accept(election.joined(member, members));
    }

    void add(ClassicMember member, ClassicJoin request, Consumer<JoinAnswer> reply) {
        boolean late = state == ClassicState.PREPARING_REBALANCE;
        election.join(request.protocolType());
        member.isNew = true;
        members.add(member);
        whenEmpty.run();
        member.startFirstSession(
                timeouts,
                settings.newMemberTimeout(),
                () -> remove(member, ClassicError.UNKNOWN_MEMBER));
        joinRebalance(member, reply);
        if (late) {
            joinPhase.memberAdded();
        }
    }

    void rejoin(ClassicMember member, ClassicJoin request, Consumer<JoinAnswer> reply) {
        members.update(member, request);
        joinRebalance(member, reply);
    }

    private void joinRebalance(ClassicMember member, Consumer<JoinAnswer> reply) {
        member.awaitJoin(reply);
        prepareRebalance();
        rebalance().join(member.id, ClassicMembers.names(member.protocols()));
        onUnsettled.run();
    }

    /** A new process of a static member keeps the assignment, without a rebalance if possible. */
    void replaceInstance(
            ClassicMember former,
            ClassicMember member,
            ClassicJoin request,
            Consumer<JoinAnswer> reply) {
        members.remove(former);
        former.endSession();
        former.refuse(ClassicError.FENCED_INSTANCE);
        member.assignment = former.assignment;
        member.generation = former.generation;
        member.maySkipAssignment = request.maySkipAssignment();
        member.replaces = former.id;
        members.add(member);
        election.replaceLeader(former, member);
        startSession(member);
        if (state == ClassicState.PREPARING_REBALANCE) {
            rebalance().leave(former.id);
        }
        if (state == ClassicState.STABLE && members.elect().equals(election.protocol())) {
            member.awaitJoin(reply);
            member.isTakeover = true;
            onUnsettled.run();
        } else {
            joinRebalance(member, reply);
        }
    }

    private void startSession(ClassicMember member) {
        member.startSession(timeouts, Duration.ZERO, () -> expired(member));
    }

    private void expired(ClassicMember member) {
        if (member.isWaiting()) {
            startSession(member);
        } else {
            remove(member, ClassicError.UNKNOWN_MEMBER);
        }
    }

    void remove(ClassicMember member, ClassicError error) {
        if (!members.remove(member)) {
            return;
        }
        member.endSession();
        member.refuse(error);
        switch (state) {
            case STABLE, COMPLETING_REBALANCE -> prepareRebalance();
            case PREPARING_REBALANCE -> rebalance().leave(member.id);
            case EMPTY, DEAD -> {}
        }
        onUnsettled.run();
    }

    /** Begins a rebalance unless members are joining already. */
    private void prepareRebalance() {
        if (state == ClassicState.PREPARING_REBALANCE) {
            return;
        }
        rebalancesBegun++;
        isFirst = state == ClassicState.EMPTY;
        stopSync();
        members.all()
                .forEach(member ->
                        member.answerSync(
                                new SyncAnswer.Refused(ClassicError.REBALANCE_IN_PROGRESS)));
        state = ClassicState.PREPARING_REBALANCE;
        ClassicRebalance begun = new ClassicRebalance(members.ids());
        rebalance = begun;
        for (ClassicMember member : members.all()) {
            member.pendingSync = false;
            if (member.isJoining()) {
                member.isTakeover = false;
                begun.join(member.id, ClassicMembers.names(member.protocols()));
            }
        }
        joinPhase =
                new JoinPhase(
                        timeouts,
                        isFirst ? settings.initialDelay() : Duration.ZERO,
                        members.rebalanceTimeout(),
                        onUnsettled);
        onUnsettled.run();
    }

    private void stopSync() {
        if (syncTimeout != null) {
            syncTimeout.cancel();
        }
        syncTimeout = null;
    }

    private ClassicRebalance rebalance() {
        if (rebalance == null) {
            throw new IllegalStateException("no rebalance in state " + state);
        }
        return rebalance;
    }

    /** Runs a task once the log has no members, or at once if the group has members. */
    void whenEmpty(Runnable task) {
        if (members.isEmpty() && state != ClassicState.DEAD) {
            whenEmpty.add(task);
            onUnsettled.run();
        } else {
            task.run();
        }
    }

    /** Takes over an applied state, and answers the members that waited for this state. */
    void applied(Group now) {
        for (ClassicMember member : members.all()) {
            boolean inLog = now.member(member.id).isPresent();
            boolean removed = member.logged && !inLog;
            member.logged = inLog;
            if (removed) {
                remove(member, ClassicError.UNKNOWN_MEMBER);
            } else if (inLog && member.isTakeover) {
                member.generation = now.generation();
                member.assignment = now.member(member.id).orElseThrow().assignment();
                finishTakeover(member);
            }
        }
        if (state == ClassicState.COMPLETING_REBALANCE
                && now.generation() >= rebalance().generation()) {
            if (rebalance().isCreated(now, members)) {
                finishRebalance(now);
            } else {
                // The group moved on without this rebalance.
                prepareRebalance();
            }
        }
        if (now.members().isEmpty() || !members.isEmpty()) {
            whenEmpty.run();
        }
        onUnsettled.run();
    }

    private void finishTakeover(ClassicMember member) {
        member.answerJoin(election.takenOver(member, members));
        startSession(member);
    }

    private void finishRebalance(Group now) {
        ClassicRebalance done = rebalance();
        unassigned = LeaseTransfer.unassigned(now, done.holders());
        rebalance = null;
        state = ClassicState.STABLE;
        for (ClassicMember member : members.all()) {
            member.assignment = done.assignmentOf(member.id).assignment();
            member.replaces = "";
        }
        for (ClassicMember member : members.all()) {
            if (member.isWaiting()) {
                startSession(member);
            }
            member.answerSync(election.assigned(member));
        }
    }

    /**
     * Ends the join phase if all members have joined, and returns the change that the log needs.
     *
     * @param mayChange whether no change is in flight
     */
    Optional<GroupChange> settle(Group now, Topics topics, boolean mayChange) {
        if (!mayChange) {
            return Optional.empty();
        }
        if (state == ClassicState.PREPARING_REBALANCE && isJoinPhaseOver()) {
            endJoinPhase(now);
        }
        if (state == ClassicState.EMPTY && now.members().isEmpty()) {
            whenEmpty.run();
        }
        ClassicChanges changes = new ClassicChanges(now, election.protocolType());
        return switch (state) {
            case COMPLETING_REBALANCE -> {
                if (rebalance().isAssigned() && now.generation() + 1 == rebalance().generation()) {
                    yield Optional.of(
                            changes.rebalanced(
                                    rebalance(), members, election.protocol(), topics, unassigned));
                }
                yield Optional.empty();
            }
            case EMPTY ->
                    now.members().isEmpty() ? Optional.empty() : Optional.of(changes.emptied());
            case STABLE -> changes.takenOver(members, election.protocol(), election.leader());
            case PREPARING_REBALANCE, DEAD -> Optional.empty();
        };
    }

    /** The first rebalance does not wait for promised ids: their clients may never return. */
    private boolean isJoinPhaseOver() {
        boolean expectsMore = !isFirst && !promisedIds.isEmpty();
        return promisedIds.isEmpty() && members.isEmpty()
                || joinPhase.isOver(rebalance().isComplete() && !expectsMore);
    }

    private void endJoinPhase(Group now) {
        ClassicRebalance round = rebalance();
        Map<String, List<String>> kept = members.removeAbsent(round.absent());
        if (members.isEmpty()) {
            state = ClassicState.EMPTY;
            rebalance = null;
            joinPhase.cancel();
            election.clear();
        } else if (round.isEmpty()) {
            // Only static members are left, and their sessions have not expired.
            joinPhase.cancel();
            joinPhase =
                    new JoinPhase(timeouts, Duration.ZERO, members.rebalanceTimeout(), onUnsettled);
        } else {
            joinPhase.cancel();
            round.close(now.generation() + 1, election.leader(), kept);
            beginCompletion(round);
        }
    }

    private void beginCompletion(ClassicRebalance round) {
        election.elect(round);
        state = ClassicState.COMPLETING_REBALANCE;
        syncTimeout = timeouts.start(members.rebalanceTimeout(), this::syncTimedOut);
        for (ClassicMember member : members.all()) {
            if (member.isJoining()) {
                member.generation = round.generation();
                member.isNew = false;
                member.pendingSync = true;
                startSession(member);
                member.answerJoin(election.joined(member, members));
            }
        }
    }

    private void syncTimedOut() {
        Set<ClassicMember> late = new LinkedHashSet<>();
        members.all().stream().filter(member -> member.pendingSync).forEach(late::add);
        late.forEach(member -> remove(member, ClassicError.UNKNOWN_MEMBER));
    }

    /** The log refuses the last change for good: its members must join again. */
    void rejected(ClassicError error) {
        if (state == ClassicState.COMPLETING_REBALANCE) {
            members.all().forEach(member -> member.answerSync(new SyncAnswer.Refused(error)));
            prepareRebalance();
        } else if (state == ClassicState.STABLE) {
            prepareRebalance();
        }
        whenEmpty.run();
    }

    /** Refuses all waiting and later requests. */
    void end(ClassicError error) {
        state = ClassicState.DEAD;
        stopSync();
        joinPhase.cancel();
        promisedIds.clear();
        for (ClassicMember member : members.all()) {
            member.endSession();
            member.refuse(error);
        }
        whenEmpty.run();
    }
}
