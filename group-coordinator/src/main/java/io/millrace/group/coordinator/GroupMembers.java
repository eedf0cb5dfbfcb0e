package io.millrace.group.coordinator;

import io.millrace.group.JoinRequest;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupMember;
import io.millrace.protocol.error.Problem;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * The members of a group: joins, sessions, departures, and candidates for the takeover of an
 * instance id. {@link CoordinatedGroup} derives the consequences for partitions. Owned by the
 * metadata's event loop.
 */
final class GroupMembers {

    private final String id;
    private final CoordinatedGroup group;
    private final CoordinatorContext around;
    private final SortedMap<String, MemberState> participants = new TreeMap<>();
    private final InstanceTakeovers takeovers = new InstanceTakeovers();
    private String protocol = CoordinatedGroup.PROTOCOL;

    GroupMembers(String id, CoordinatedGroup group, CoordinatorContext around) {
        this.id = id;
        this.group = group;
        this.around = around;
    }

    /** Returns all members by id, including joining and leaving members. */
    SortedMap<String, MemberState> participants() {
        return Collections.unmodifiableSortedMap(participants);
    }

    /** Returns the name of the protocol of the current members. */
    String protocol() {
        return protocol;
    }

    /**
     * Admits a new member or continues an existing one, and attaches the session. A member with an
     * instance id in use is invited instead.
     */
    void join(LocalSession session, TopicMatcher interest) {
        JoinRequest request = session.request();
        Optional<Problem> rejection = rejection(request);
        MemberState known = participants.get(request.memberId());
        if (rejection.isPresent()) {
            session.end(rejection.get());
        } else if (known != null) {
            known.end(SessionEndReasons.goesOnElsewhere(id, known));
            known.owns(request.owned());
            attach(known, session, interest);
        } else if (JoinValidator.instance(participants, request.instanceId()) != null) {
            invite(new InstanceTakeovers.Heir(session, interest));
        } else {
            String newId = request.chosen() ? request.memberId() : around.memberIds().get();
            MemberState one = create(newId, request, interest);
            attach(one, session, interest);
        }
    }

    private Optional<Problem> rejection(JoinRequest request) {
        return JoinValidator.ofProtocol(id, protocol)
                .or(() -> JoinValidator.rejection(id, participants, takeovers.size(), request));
    }

    private void attach(MemberState one, LocalSession session, TopicMatcher interest) {
        one.attach(session, session.request().details(), interest);
        session.attach(group, one);
        beginSession(one);
        group.membersChanged();
    }

    private MemberState create(String memberId, JoinRequest request, TopicMatcher interest) {
        MemberState one =
                new MemberState(
                        memberId,
                        request.instanceId(),
                        request.details(),
                        interest,
                        Optional.of(Set.of()));
        participants.put(one.id, one);
        return one;
    }

    private void invite(InstanceTakeovers.Heir takeover) {
        String memberId = around.memberIds().get();
        Duration patience = takeover.session().request().details().sessionTimeout();
        takeovers.invite(group, takeover, memberId);
        around.timers()
                .after(
                        patience,
                        () -> takeovers.isInvited(memberId),
                        () -> takeovers.end(memberId, SessionEndReasons.notAccepted(id, patience)));
    }

    void accepted(LocalSession session, String memberId) {
        takeovers
                .accepted(session, memberId)
                .ifPresent(takeover ->
                        rejection(session.request())
                                .ifPresentOrElse(session::end, () -> takeOver(takeover, memberId)));
    }

    private void takeOver(InstanceTakeovers.Heir takeover, String memberId) {
        LocalSession session = takeover.session();
        MemberState before = JoinValidator.instance(participants, takeover.instanceId());
        MemberState one = create(memberId, session.request(), takeover.interest());
        if (before != null) {
            takeOverFrom(one, before);
        }
        attach(one, session, takeover.interest());
    }

    /** Discards the invitation of a closed session. */
    void forget(LocalSession session) {
        takeovers.forget(session);
    }

    /**
     * Replaces the earlier member of an instance. The instance id guarantees that its process has
     * ended.
     */
    private void takeOverFrom(MemberState one, MemberState before) {
        group.takesOver(one, before);
        one.takesOver = true;
        before.end(SessionEndReasons.takeover(id, before, one.details()));
        remove(before);
    }

    /** Records a message of a member. */
    void received(MemberState one) {
        around.timers().received(one);
    }

    void received(String memberId) {
        MemberState one = participants.get(memberId);
        if (one != null && one.isWelcome()) {
            received(one);
        }
    }

    private void beginSession(MemberState one) {
        around.timers().begin(one, () -> sessionOver(one));
    }

    private void sessionOver(MemberState one) {
        if (!one.known) {
            // The session cannot expire before the member has been notified of the admission.
            beginSession(one);
            return;
        }
        if (!one.fenced) {
            around.metrics().sessionOver();
        }
        one.end(SessionEndReasons.silent(id, one));
        remove(one);
    }

    /**
     * Removes a member. Completes after the removal, or when this node no longer coordinates the
     * group.
     */
    CompletableFuture<Void> leave(MemberState one) {
        one.detach();
        remove(one);
        return one.gone;
    }

    void detached(MemberState one) {
        one.detach();
        if (!one.known) {
            // No client has received the member id, so that no client can resume the member.
            remove(one);
        }
    }

    private void remove(MemberState one) {
        one.leaving = true;
        group.membersChanged();
        placeIsFree(one);
    }

    /**
     * Lets candidates for the freed instance id join, or invites them again if the id is already in
     * use again.
     */
    private void placeIsFree(MemberState one) {
        if (!one.instanceId.isEmpty()) {
            takeovers
                    .takeAll(one.instanceId)
                    .forEach(takeover -> join(takeover.session(), takeover.interest()));
        }
    }

    /** Takes over a new applied state of the group. */
    void applied(Group now) {
        // All members of a different protocol have left before the first member of this one is
        // admitted.
        protocol = now.members().isEmpty() ? CoordinatedGroup.PROTOCOL : now.protocol();
        for (GroupMember member : now.members()) {
            // From a change with a lost result, after the session has ended.
            if (!participants.containsKey(member.id())) {
                load(member);
            }
        }
        for (MemberState one : List.copyOf(participants.values())) {
            boolean wasKnown = one.known;
            one.applied(now.member(one.id));
            if (one.known && !wasKnown) {
                received(one);
                group.membersChanged();
            }
            if (wasKnown && !one.known) {
                drop(one);
            }
        }
    }

    private void load(GroupMember member) {
        MemberState one = MemberState.known(member);
        MemberState takeover = JoinValidator.instance(participants, one.instanceId);
        participants.put(one.id, one);
        around.timers().takeOver(one, () -> sessionOver(one));
        if (takeover != null) {
            // The successor joined while the admission of this member, which had given up, was
            // unconfirmed.
            takeOverFrom(takeover, one);
        }
    }

    private void drop(MemberState one) {
        participants.remove(one.id);
        one.end(SessionEndReasons.removed(id, one));
        one.gone.complete(null);
        if (!one.leaving) {
            one.leaving = true;
            placeIsFree(one);
        }
    }

    /** Drops leaving members that were never admitted. */
    void forgetStrangers() {
        participants
                .values()
                .removeIf(one -> {
                    boolean never = one.leaving && !one.known && !one.joining;
                    if (never) {
                        one.gone.complete(null);
                    }
                    return never;
                });
    }

    /** The result of the last change is known; no change is in flight. */
    void answered() {
        participants.values().forEach(one -> one.joining = false);
    }

    /** The last change was rejected, including all joins in it. */
    void rejected(Problem why) {
        for (MemberState one : List.copyOf(participants.values())) {
            if (one.joining) {
                one.end(why);
                one.differs = false;
                if (!one.known) {
                    remove(one);
                }
            }
        }
        answered();
    }

    /** Acknowledges the pending heartbeats of all members. */
    void answerAll() {
        participants.values().forEach(MemberState::answer);
    }

    /** Ends all sessions; this node no longer coordinates the group. */
    void end(Problem why) {
        for (MemberState one : participants.values()) {
            one.end(why);
            one.gone.complete(null);
        }
        participants.clear();
        takeovers.endAll(why);
    }
}
