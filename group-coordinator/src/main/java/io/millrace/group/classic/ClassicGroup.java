package io.millrace.group.classic;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.group.timing.Timeouts;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.proto.ClassicGroupDetails;
import io.millrace.metadata.topic.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

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
    private final Supplier<String> ids;
    private final PromisedIds promisedIds;
    private final ClassicLifecycle lifecycle;
    private final ClassicMembers members;
    private final ClassicRequestCheck check;

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
        this.ids = ids;
        this.promisedIds = new PromisedIds(timeouts, onUnsettled);
        this.lifecycle =
                new ClassicLifecycle(
                        now, settings, timeouts, undetectedDeath, promisedIds, onUnsettled);
        this.members = lifecycle.members();
        this.check = new ClassicRequestCheck(settings, lifecycle, members);
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
        return lifecycle.state();
    }

    /** Returns the number of rebalances that have begun at this node. */
    public long rebalancesBegun() {
        return lifecycle.rebalancesBegun();
    }

    public int memberCount() {
        return members.size();
    }

    /** Returns whether the group has no members and promised no member ids. */
    public boolean isIdle() {
        return members.isEmpty()
                && promisedIds.isEmpty()
                && lifecycle.state() == ClassicState.EMPTY;
    }

    public ClassicDescription describe() {
        boolean stable = lifecycle.state() == ClassicState.STABLE;
        String protocol = lifecycle.election().protocol();
        return new ClassicDescription(
                lifecycle.state(),
                lifecycle.election().protocolType(),
                stable ? protocol : "",
                members.all().stream()
                        .map(member -> stable ? member.describe(protocol) : member.describe())
                        .toList());
    }

    /** The reply is called once, now or later. */
    public void join(ClassicJoin request, Consumer<JoinAnswer> reply) {
        Optional<ClassicError> rejection = check.join(request);
        if (rejection.isPresent()) {
            reply.accept(new JoinAnswer.Refused(request.memberId(), rejection.get()));
        } else if (request.memberId().isEmpty()) {
            joinNew(request, reply);
        } else {
            joinKnown(request, reply);
        }
    }

    private void joinNew(ClassicJoin request, Consumer<JoinAnswer> reply) {
        ClassicMember former = members.ofInstance(request.instanceId());
        if (former == null && members.size() + promisedIds.size() >= settings.maxMembers()) {
            reply.accept(new JoinAnswer.Refused("", ClassicError.GROUP_FULL));
            return;
        }
        String id = ClassicLimits.memberId(request, ids.get());
        if (former != null) {
            lifecycle.replaceInstance(former, new ClassicMember(id, request), request, reply);
        } else if (request.mustKnowId() && request.instanceId().isEmpty()) {
            promisedIds.promise(id, request.sessionTimeout());
            reply.accept(new JoinAnswer.Refused(id, ClassicError.MEMBER_ID_REQUIRED));
        } else {
            lifecycle.add(new ClassicMember(id, request), request, reply);
        }
    }

    private void joinKnown(ClassicJoin request, Consumer<JoinAnswer> reply) {
        String id = request.memberId();
        if (promisedIds.forget(id)) {
            lifecycle.add(new ClassicMember(id, request), request, reply);
            return;
        }
        Optional<ClassicError> rejection = members.rejection(id, request.instanceId());
        if (rejection.isPresent()) {
            reply.accept(new JoinAnswer.Refused(id, rejection.get()));
            return;
        }
        ClassicMember member = members.get(id);
        boolean unchanged = member.protocols().equals(request.protocols());
        switch (lifecycle.state()) {
            case COMPLETING_REBALANCE -> {
                if (unchanged) {
                    lifecycle.tellGeneration(member, reply);
                } else {
                    lifecycle.rejoin(member, request, reply);
                }
            }
            case STABLE -> {
                if (unchanged && !lifecycle.election().isLeader(member) && !member.isTakeover) {
                    reply.accept(lifecycle.election().followed(member));
                } else {
                    lifecycle.rejoin(member, request, reply);
                }
            }
            case PREPARING_REBALANCE -> lifecycle.rejoin(member, request, reply);
            case EMPTY, DEAD ->
                    reply.accept(new JoinAnswer.Refused(id, ClassicError.UNKNOWN_MEMBER));
        }
    }

    /** The reply is called once, now or later. */
    public void sync(ClassicSync request, Consumer<SyncAnswer> reply) {
        Optional<ClassicError> rejection = check.sync(request);
        if (rejection.isPresent()) {
            reply.accept(new SyncAnswer.Refused(rejection.get()));
            return;
        }
        ClassicMember member = members.get(request.member().memberId());
        member.pendingSync = false;
        switch (lifecycle.state()) {
            case STABLE -> {
                member.extendSession();
                reply.accept(lifecycle.election().assigned(member));
            }
            case COMPLETING_REBALANCE -> {
                member.awaitSync(reply);
                if (lifecycle.election().isLeader(member)) {
                    lifecycle.assign(request.assignments());
                }
            }
            case EMPTY, DEAD, PREPARING_REBALANCE ->
                    reply.accept(new SyncAnswer.Refused(ClassicError.REBALANCE_IN_PROGRESS));
        }
    }

    /** Extends the session of a member. Returns the error of the heartbeat. */
    public Optional<ClassicError> heartbeat(MemberOfGeneration caller) {
        Optional<ClassicError> rejection = check.member(caller);
        if (rejection.isPresent()) {
            return rejection;
        }
        members.get(caller.memberId()).extendSession();
        return lifecycle.state() == ClassicState.PREPARING_REBALANCE
                ? Optional.of(ClassicError.REBALANCE_IN_PROGRESS)
                : Optional.empty();
    }

    /**
     * Checks a commit before the log does, and extends the session of the member. A commit under an
     * earlier generation is accepted while the lease lasts, which only the log decides.
     */
    public Optional<ClassicError> commit(MemberOfGeneration caller) {
        if (lifecycle.state() == ClassicState.DEAD) {
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
        return caller.generation() == lifecycle.nextGeneration()
                ? Optional.of(ClassicError.REBALANCE_IN_PROGRESS)
                : Optional.empty();
    }

    /**
     * Removes a member, at its own request or that of an administrator.
     *
     * @param memberId empty to remove the member of the instance
     */
    public Optional<ClassicError> leave(String memberId, String instanceId) {
        if (lifecycle.state() == ClassicState.DEAD) {
            return Optional.of(ClassicError.NOT_COORDINATOR);
        }
        if (promisedIds.forget(memberId)) {
            return Optional.empty();
        }
        ClassicMember ofInstance = members.ofInstance(instanceId);
        String id = memberId.isEmpty() && ofInstance != null ? ofInstance.id : memberId;
        Optional<ClassicError> rejection = members.rejection(id, instanceId);
        if (rejection.isEmpty()) {
            lifecycle.remove(members.get(id), ClassicError.UNKNOWN_MEMBER);
        }
        return rejection;
    }

    /** Runs a task once the log has no members, or at once if the group has members. */
    public void whenEmpty(Runnable task) {
        lifecycle.whenEmpty(task);
    }

    /** Takes over an applied state, and answers the members that waited for this state. */
    public void applied(Group now) {
        lifecycle.applied(now);
    }

    /**
     * Ends the join phase if all members have joined, and returns the change that the log needs.
     *
     * @param mayChange whether no change is in flight
     */
    public Optional<GroupChange> settle(Group now, Topics topics, boolean mayChange) {
        return lifecycle.settle(now, topics, mayChange);
    }

    /** The log refuses the last change for good: its members must join again. */
    public void rejected(ClassicError error) {
        lifecycle.rejected(error);
    }

    /** Refuses all waiting and later requests. */
    public void end(ClassicError error) {
        lifecycle.end(error);
    }
}
