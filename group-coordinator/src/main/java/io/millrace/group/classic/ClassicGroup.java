package io.millrace.group.classic;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.group.timing.Timeouts;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.proto.ClassicGroupDetails;
import io.millrace.metadata.topic.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of a group with client-side assignment, as in Kafka's classic protocol. The
 * state is ahead of the applied state of the log by at most one rebalance: {@link #settle} returns
 * the change that the log needs, and {@link #applied} answers the members from the applied state.
 * Pure: replies and timeouts are passed in. Owned by the metadata's event loop.
 */
public final class ClassicGroup {

    /** The protocol of these groups in the log. */
    public static final String PROTOCOL = "classic";

    private final ClassicSettings settings;
    private final Timeouts timeouts;
    private final Supplier<String> ids;
    private final Runnable onUnsettled;
    private final ClassicMembers members = new ClassicMembers();
    private final Map<String, Timeouts.Timeout> promisedIds = new LinkedHashMap<>();
    private final List<Runnable> whenEmpty = new ArrayList<>();
    private ClassicState state;
    private String protocolType;
    private String protocol;
    private String leader;
    private @Nullable ClassicRebalance rebalance;
    private JoinPhase joinPhase = JoinPhase.NONE;
    private Timeouts.@Nullable Timeout syncTimeout;

    /**
     * Continues the group of the applied state, without a rebalance.
     *
     * @param undetectedDeath the time for which a former coordinator may have answered heartbeats
     *     after its claim was lost
     * @param ids a source of unique texts for member ids
     * @param onUnsettled the callback for pending changes; called often
     */
    public ClassicGroup(
            Group now,
            ClassicSettings settings,
            Timeouts timeouts,
            Duration undetectedDeath,
            Supplier<String> ids,
            Runnable onUnsettled) {
        this.settings = settings;
        this.timeouts = timeouts;
        this.ids = ids;
        this.onUnsettled = onUnsettled;
        ClassicGroupDetails details = details(now);
        this.protocolType = details.getProtocolType();
        this.protocol = details.getProtocol();
        this.leader = details.getLeader();
        this.state = now.members().isEmpty() ? ClassicState.EMPTY : ClassicState.STABLE;
        now.members()
                .forEach(known -> {
                    ClassicMember member = ClassicMember.decode(known);
                    members.add(member);
                    member.startSession(timeouts, undetectedDeath, () -> expired(member));
                });
    }

    /** Returns the details of a group of this protocol; empty details for other groups. */
    public static ClassicGroupDetails details(Group group) {
        try {
            return group.protocol().equals(PROTOCOL)
                    ? ClassicGroupDetails.parseFrom(group.details())
                    : ClassicGroupDetails.getDefaultInstance();
        } catch (InvalidProtocolBufferException unreadable) {
            return ClassicGroupDetails.getDefaultInstance();
        }
    }

    /** Returns the description of a group of this protocol as the log knows the group. */
    public static ClassicDescription describe(Group group) {
        ClassicGroupDetails details = details(group);
        return new ClassicDescription(
                group.members().isEmpty() ? ClassicState.EMPTY : ClassicState.STABLE,
                details.getProtocolType(),
                details.getProtocol(),
                group.protocol().equals(PROTOCOL)
                        ? group.members().stream()
                                .map(ClassicMember::decode)
                                .map(member -> member.describe(details.getProtocol()))
                                .toList()
                        : List.of());
    }

    public ClassicState state() {
        return state;
    }

    public int memberCount() {
        return members.size();
    }

    /** Returns whether the group has no members and promised no member ids. */
    public boolean isIdle() {
        return members.isEmpty() && promisedIds.isEmpty() && state == ClassicState.EMPTY;
    }

    public ClassicDescription describe() {
        boolean stable = state == ClassicState.STABLE;
        return new ClassicDescription(
                state,
                protocolType,
                stable ? protocol : "",
                members.all().stream()
                        .map(member -> stable ? member.describe(protocol) : member.describe())
                        .toList());
    }

    /** The reply is called once, now or later. */
    public void join(ClassicJoin request, Consumer<JoinAnswer> reply) {
        Optional<ClassicError> rejection = rejection(request);
        if (rejection.isPresent()) {
            reply.accept(new JoinAnswer.Refused(request.memberId(), rejection.get()));
        } else if (request.memberId().isEmpty()) {
            joinNew(request, reply);
        } else {
            joinKnown(request, reply);
        }
    }

    private Optional<ClassicError> rejection(ClassicJoin request) {
        if (state == ClassicState.DEAD) {
            return Optional.of(ClassicError.NOT_COORDINATOR);
        }
        if (request.sessionTimeout().compareTo(settings.minSessionTimeout()) < 0
                || request.sessionTimeout().compareTo(settings.maxSessionTimeout()) > 0) {
            return Optional.of(ClassicError.INVALID_SESSION_TIMEOUT);
        }
        if (!ClassicLimits.fit(request)) {
            return Optional.of(ClassicError.TOO_LARGE);
        }
        boolean fits =
                members.isEmpty()
                        ? !request.protocolType().isEmpty() && !request.protocols().isEmpty()
                        : request.protocolType().equals(protocolType)
                                && members.haveInCommon(request);
        return fits ? Optional.empty() : Optional.of(ClassicError.INCONSISTENT_PROTOCOL);
    }

    private void joinNew(ClassicJoin request, Consumer<JoinAnswer> reply) {
        ClassicMember former = members.ofInstance(request.instanceId());
        if (former == null && members.size() + promisedIds.size() >= settings.maxMembers()) {
            reply.accept(new JoinAnswer.Refused("", ClassicError.GROUP_FULL));
            return;
        }
        String id = ClassicLimits.memberId(request, ids.get());
        if (former != null) {
            replaceInstance(former, new ClassicMember(id, request), request, reply);
        } else if (request.mustKnowId() && request.instanceId().isEmpty()) {
            promisedIds.put(
                    id, timeouts.start(request.sessionTimeout(), () -> forgetPromise(id)));
            reply.accept(new JoinAnswer.Refused(id, ClassicError.MEMBER_ID_REQUIRED));
        } else {
            add(new ClassicMember(id, request), request, reply);
        }
    }

    private void forgetPromise(String id) {
        Timeouts.Timeout promise = promisedIds.remove(id);
        if (promise != null) {
            promise.cancel();
            onUnsettled.run();
        }
    }

    private void joinKnown(ClassicJoin request, Consumer<JoinAnswer> reply) {
        String id = request.memberId();
        if (promisedIds.containsKey(id)) {
            forgetPromise(id);
            add(new ClassicMember(id, request), request, reply);
            return;
        }
        Optional<ClassicError> rejection = members.rejection(id, request.instanceId());
        if (rejection.isPresent()) {
            reply.accept(new JoinAnswer.Refused(id, rejection.get()));
            return;
        }
        ClassicMember member = members.get(id);
        boolean unchanged = member.protocols().equals(request.protocols());
        switch (state) {
            case COMPLETING_REBALANCE -> {
                if (unchanged) {
                    tellGeneration(member, reply);
                } else {
                    rejoin(member, request, reply);
                }
            }
            case STABLE -> {
                if (unchanged && !leader.equals(id) && !member.isTakeover) {
                    reply.accept(joined(member, leader, false, false));
                } else {
                    rejoin(member, request, reply);
                }
            }
            case PREPARING_REBALANCE -> rejoin(member, request, reply);
            case EMPTY, DEAD ->
                    reply.accept(new JoinAnswer.Refused(id, ClassicError.UNKNOWN_MEMBER));
        }
    }

    private void tellGeneration(ClassicMember member, Consumer<JoinAnswer> reply) {
        member.generation = rebalance().generation();
        member.pendingSync = true;
        member.extendSession();
        reply.accept(joined(member, leader, false, leader.equals(member.id)));
    }

    private void add(ClassicMember member, ClassicJoin request, Consumer<JoinAnswer> reply) {
        boolean late = state == ClassicState.PREPARING_REBALANCE;
        protocolType = request.protocolType();
        member.isNew = true;
        members.add(member);
        runWhenEmpty();
        member.startFirstSession(
                timeouts, settings.newMemberTimeout(), () -> remove(member, ClassicError.UNKNOWN_MEMBER));
        joinRebalance(member, reply);
        if (late) {
            joinPhase.memberAdded();
        }
    }

    private void rejoin(ClassicMember member, ClassicJoin request, Consumer<JoinAnswer> reply) {
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
    private void replaceInstance(
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
        if (leader.equals(former.id)) {
            leader = member.id;
        }
        startSession(member);
        if (state == ClassicState.PREPARING_REBALANCE) {
            rebalance().leave(former.id);
        }
        if (state == ClassicState.STABLE && members.elect().equals(protocol)) {
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

    private void remove(ClassicMember member, ClassicError error) {
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
        boolean first = state == ClassicState.EMPTY;
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
                        first ? settings.initialDelay() : Duration.ZERO,
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

    /** The reply is called once, now or later. */
    public void sync(ClassicSync request, Consumer<SyncAnswer> reply) {
        Optional<ClassicError> rejection =
                rejection(request.member())
                        .or(() ->
                                isOfProtocol(request)
                                        ? Optional.empty()
                                        : Optional.of(ClassicError.INCONSISTENT_PROTOCOL));
        if (rejection.isPresent()) {
            reply.accept(new SyncAnswer.Refused(rejection.get()));
            return;
        }
        ClassicMember member = members.get(request.member().memberId());
        member.pendingSync = false;
        switch (state) {
            case STABLE -> {
                member.extendSession();
                reply.accept(assigned(member));
            }
            case COMPLETING_REBALANCE -> {
                member.awaitSync(reply);
                if (leader.equals(member.id) && !rebalance().isAssigned()) {
                    rebalance().assign(request.assignments());
                    onUnsettled.run();
                }
            }
            case EMPTY, DEAD, PREPARING_REBALANCE ->
                    reply.accept(new SyncAnswer.Refused(ClassicError.REBALANCE_IN_PROGRESS));
        }
    }

    private boolean isOfProtocol(ClassicSync request) {
        return (request.protocolType().isEmpty() || request.protocolType().equals(protocolType))
                && (request.protocol().isEmpty()
                        || state == ClassicState.PREPARING_REBALANCE
                        || request.protocol().equals(protocol));
    }

    private SyncAnswer assigned(ClassicMember member) {
        return new SyncAnswer.Assigned(protocolType, protocol, member.assignment);
    }

    private Optional<ClassicError> rejection(MemberOfGeneration caller) {
        if (state == ClassicState.DEAD) {
            return Optional.of(ClassicError.NOT_COORDINATOR);
        }
        return members.rejection(caller.memberId(), caller.instanceId())
                .or(() ->
                        members.get(caller.memberId()).generation == caller.generation()
                                ? Optional.empty()
                                : Optional.of(ClassicError.ILLEGAL_GENERATION));
    }

    /** Extends the session of a member. Returns the error of the heartbeat. */
    public Optional<ClassicError> heartbeat(MemberOfGeneration caller) {
        Optional<ClassicError> rejection = rejection(caller);
        if (rejection.isPresent()) {
            return rejection;
        }
        members.get(caller.memberId()).extendSession();
        return state == ClassicState.PREPARING_REBALANCE
                ? Optional.of(ClassicError.REBALANCE_IN_PROGRESS)
                : Optional.empty();
    }

    /**
     * Checks a commit before the log does, and extends the session of the member. A commit under an
     * earlier generation is accepted while the lease lasts, which only the log decides.
     */
    public Optional<ClassicError> commit(MemberOfGeneration caller) {
        if (state == ClassicState.DEAD) {
            return Optional.of(ClassicError.NOT_COORDINATOR);
        }
        if (caller.generation() < 0 && caller.memberId().isEmpty() && members.isEmpty()) {
            return Optional.empty();
        }
        Optional<ClassicError> rejection =
                members.rejection(caller.memberId(), caller.instanceId());
        if (rejection.isPresent()) {
            return rejection;
        }
        ClassicMember member = members.get(caller.memberId());
        if (caller.generation() < 0 || caller.generation() > member.generation) {
            return Optional.of(ClassicError.ILLEGAL_GENERATION);
        }
        member.extendSession();
        boolean early =
                state == ClassicState.COMPLETING_REBALANCE
                        && caller.generation() == rebalance().generation();
        return early ? Optional.of(ClassicError.REBALANCE_IN_PROGRESS) : Optional.empty();
    }

    /**
     * Removes a member, at its own request or that of an administrator.
     *
     * @param memberId empty to remove the member of the instance
     */
    public Optional<ClassicError> leave(String memberId, String instanceId) {
        if (state == ClassicState.DEAD) {
            return Optional.of(ClassicError.NOT_COORDINATOR);
        }
        if (promisedIds.containsKey(memberId)) {
            forgetPromise(memberId);
            return Optional.empty();
        }
        ClassicMember ofInstance = members.ofInstance(instanceId);
        String id = memberId.isEmpty() && ofInstance != null ? ofInstance.id : memberId;
        Optional<ClassicError> rejection = members.rejection(id, instanceId);
        if (rejection.isEmpty()) {
            remove(members.get(id), ClassicError.UNKNOWN_MEMBER);
        }
        return rejection;
    }

    /** Runs a task once the log has no members, or at once if the group has members. */
    public void whenEmpty(Runnable task) {
        if (members.isEmpty() && state != ClassicState.DEAD) {
            whenEmpty.add(task);
            onUnsettled.run();
        } else {
            task.run();
        }
    }

    private void runWhenEmpty() {
        List<Runnable> tasks = List.copyOf(whenEmpty);
        whenEmpty.clear();
        tasks.forEach(Runnable::run);
    }

    /** Takes over an applied state, and answers the members that waited for this state. */
    public void applied(Group now) {
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
            if (isCreatedBy(rebalance(), now)) {
                finishRebalance();
            } else {
                // The group moved on without this rebalance.
                prepareRebalance();
            }
        }
        if (now.members().isEmpty() || !members.isEmpty()) {
            runWhenEmpty();
        }
        onUnsettled.run();
    }

    private void finishTakeover(ClassicMember member) {
        boolean leads = leader.equals(member.id);
        // A client that cannot skip the assignment must not learn that it leads.
        String told = leads && !member.maySkipAssignment ? member.replaces : leader;
        boolean skips = leads && member.maySkipAssignment;
        member.answerJoin(joined(member, told, skips, skips));
        startSession(member);
    }

    private boolean isCreatedBy(ClassicRebalance round, Group now) {
        return round.isAssigned()
                && now.generation() == round.generation()
                && now.members().size() == round.members().size()
                && round.members().stream()
                        .allMatch(id ->
                                now.member(id)
                                        .filter(logged ->
                                                logged.details().equals(members.get(id).proposed))
                                        .isPresent());
    }

    private void finishRebalance() {
        ClassicRebalance done = rebalance();
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
            member.answerSync(assigned(member));
        }
    }

    /**
     * Ends the join phase if all members have joined, and returns the change that the log needs.
     *
     * @param mayChange whether no change is in flight
     */
    public Optional<GroupChange> settle(Group now, Topics topics, boolean mayChange) {
        if (!mayChange) {
            return Optional.empty();
        }
        if (state == ClassicState.PREPARING_REBALANCE && isJoinPhaseOver()) {
            endJoinPhase(now);
        }
        if (state == ClassicState.EMPTY && now.members().isEmpty()) {
            runWhenEmpty();
        }
        ClassicChanges changes = new ClassicChanges(now, protocolType);
        return switch (state) {
            case COMPLETING_REBALANCE -> {
                if (rebalance().isAssigned() && now.generation() + 1 == rebalance().generation()) {
                    yield Optional.of(changes.rebalanced(rebalance(), members, protocol, topics));
                }
                yield Optional.empty();
            }
            case EMPTY ->
                    now.members().isEmpty()
                            ? Optional.empty()
                            : Optional.of(changes.emptied());
            case STABLE -> changes.takenOver(members, protocol, leader);
            case PREPARING_REBALANCE, DEAD -> Optional.empty();
        };
    }

    private boolean isJoinPhaseOver() {
        return promisedIds.isEmpty() && members.isEmpty()
                || joinPhase.isOver(rebalance().isComplete() && promisedIds.isEmpty());
    }

    private void endJoinPhase(Group now) {
        ClassicRebalance round = rebalance();
        Map<String, List<String>> kept = new LinkedHashMap<>();
        for (String id : round.absent()) {
            ClassicMember member = members.get(id);
            if (member.isStatic()) {
                kept.put(id, ClassicMembers.names(member.protocols()));
            } else {
                members.remove(member);
                member.endSession();
            }
        }
        if (members.isEmpty()) {
            state = ClassicState.EMPTY;
            rebalance = null;
            joinPhase.cancel();
            leader = "";
            protocol = "";
        } else if (round.isEmpty()) {
            // Only static members are left, and their sessions have not expired.
            joinPhase.cancel();
            joinPhase =
                    new JoinPhase(
                            timeouts, Duration.ZERO, members.rebalanceTimeout(), onUnsettled);
        } else {
            joinPhase.cancel();
            round.close(now.generation() + 1, leader, kept);
            beginCompletion(round);
        }
    }

    private void beginCompletion(ClassicRebalance round) {
        leader = round.leader();
        protocol = round.electedProtocol();
        state = ClassicState.COMPLETING_REBALANCE;
        syncTimeout = timeouts.start(members.rebalanceTimeout(), this::syncTimedOut);
        for (ClassicMember member : members.all()) {
            if (member.isJoining()) {
                member.generation = round.generation();
                member.isNew = false;
                member.pendingSync = true;
                startSession(member);
                member.answerJoin(joined(member, leader, false, leader.equals(member.id)));
            }
        }
    }

    private void syncTimedOut() {
        Set<ClassicMember> late = new LinkedHashSet<>();
        members.all().stream().filter(member -> member.pendingSync).forEach(late::add);
        late.forEach(member -> remove(member, ClassicError.UNKNOWN_MEMBER));
    }

    private JoinAnswer joined(
            ClassicMember member, String leaderId, boolean skips, boolean withMembers) {
        return new JoinAnswer.Joined(
                member.id,
                member.generation,
                protocolType,
                protocol,
                leaderId,
                skips,
                withMembers ? members.metadata(protocol) : List.of());
    }

    /** The log refuses the last change for good: its members must join again. */
    public void rejected(ClassicError error) {
        if (state == ClassicState.COMPLETING_REBALANCE) {
            members.all().forEach(member -> member.answerSync(new SyncAnswer.Refused(error)));
            prepareRebalance();
        } else if (state == ClassicState.STABLE) {
            prepareRebalance();
        }
        runWhenEmpty();
    }

    /** Refuses all waiting and later requests. */
    public void end(ClassicError error) {
        state = ClassicState.DEAD;
        stopSync();
        joinPhase.cancel();
        promisedIds.values().forEach(Timeouts.Timeout::cancel);
        promisedIds.clear();
        for (ClassicMember member : members.all()) {
            member.endSession();
            member.refuse(error);
        }
        runWhenEmpty();
    }
}
