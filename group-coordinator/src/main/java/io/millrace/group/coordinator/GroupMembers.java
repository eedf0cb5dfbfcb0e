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
 * instance id. Owned by the metadata's event loop.
 */
final class GroupMembers {

    private final String id;
    private final CoordinatedGroup group;
    private final CoordinatorContext context;
    private final SortedMap<String, MemberState> byId = new TreeMap<>();
    private final InstanceTakeovers takeovers = new InstanceTakeovers();
    private String protocol = CoordinatedGroup.PROTOCOL;

    GroupMembers(String id, CoordinatedGroup group, CoordinatorContext around) {
        this.id = id;
        this.group = group;
        this.context = around;
    }

    /** Includes joining and leaving members. */
    SortedMap<String, MemberState> byId() {
        return Collections.unmodifiableSortedMap(byId);
    }

    String protocol() {
        return protocol;
    }

    /**
     * Admits a new member or continues an existing member, and attaches the session. If the
     * instance id is in use, the member is invited instead. A member that has chosen its id takes
     * over at once, because the former member of the instance has no session.
     */
    void join(LocalSession session, TopicMatcher interest) {
        JoinRequest request = session.request();
        Optional<Problem> rejection = rejection(request);
        MemberState known = byId.get(request.memberId());
        if (rejection.isPresent()) {
            session.end(rejection.get());
        } else if (known != null) {
            known.end(SessionEndReasons.continuedElsewhere(id, known));
            known.setOwned(request.owned());
            attach(known, session, interest);
        } else if (request.memberIdChosen()
                && JoinValidator.memberOfInstance(byId, request.instanceId()) != null) {
            takeOver(new InstanceTakeovers.Takeover(session, interest), request.memberId());
        } else if (JoinValidator.memberOfInstance(byId, request.instanceId()) != null) {
            invite(new InstanceTakeovers.Takeover(session, interest));
        } else {
            String newId =
                    request.memberIdChosen() ? request.memberId() : context.memberIds().get();
            MemberState member = create(newId, request, interest);
            attach(member, session, interest);
        }
    }

    private Optional<Problem> rejection(JoinRequest request) {
        return JoinValidator.protocolMismatch(id, protocol)
                .or(() -> JoinValidator.rejection(id, byId, takeovers.size(), request));
    }

    private void attach(MemberState member, LocalSession session, TopicMatcher interest) {
        member.attach(session, session.request().details(), interest);
        session.attach(group, member);
        startSession(member);
        group.membersChanged();
    }

    private MemberState create(String memberId, JoinRequest request, TopicMatcher interest) {
        MemberState member =
                new MemberState(
                        memberId,
                        request.instanceId(),
                        request.details(),
                        interest,
                        Optional.of(Set.of()));
        byId.put(member.id, member);
        return member;
    }

    private void invite(InstanceTakeovers.Takeover takeover) {
        String memberId = context.memberIds().get();
        Duration patience = takeover.session().request().details().sessionTimeout();
        takeovers.invite(group, takeover, memberId);
        context.timers()
                .schedule(
                        patience,
                        () -> takeovers.isInvited(memberId),
                        () -> takeovers.end(memberId, SessionEndReasons.notAccepted(id, patience)));
    }

    void acceptInvitation(LocalSession session, String memberId) {
        takeovers
                .accept(session, memberId)
                .ifPresent(takeover ->
                        rejection(session.request())
                                .ifPresentOrElse(session::end, () -> takeOver(takeover, memberId)));
    }

    private void takeOver(InstanceTakeovers.Takeover takeover, String memberId) {
        LocalSession session = takeover.session();
        MemberState before = JoinValidator.memberOfInstance(byId, takeover.instanceId());
        MemberState member = create(memberId, session.request(), takeover.topicMatcher());
        if (before != null) {
            replace(member, before);
        }
        attach(member, session, takeover.topicMatcher());
    }

    void cancelInvitation(LocalSession session) {
        takeovers.cancel(session);
    }

    /** The instance id guarantees that the process of the earlier member has ended. */
    private void replace(MemberState member, MemberState before) {
        group.replaceMember(member, before);
        member.isTakeover = true;
        before.end(SessionEndReasons.takeover(id, before, member.details()));
        remove(before);
    }

    void received(MemberState member) {
        context.timers().received(member);
    }

    void received(String memberId) {
        MemberState member = byId.get(memberId);
        if (member != null && member.isActive()) {
            received(member);
        }
    }

    private void startSession(MemberState member) {
        context.timers().startSession(member, () -> sessionExpired(member));
    }

    private void sessionExpired(MemberState member) {
        if (!member.admitted) {
            // The session cannot expire before the member has been notified of the admission.
            startSession(member);
            return;
        }
        if (!member.fenced) {
            context.metrics().sessionExpired();
        }
        member.end(SessionEndReasons.sessionExpired(id, member));
        remove(member);
    }

    /** Completes after the removal, or when this node no longer coordinates the group. */
    CompletableFuture<Void> leave(MemberState member) {
        member.detach();
        remove(member);
        return member.removed;
    }

    void detached(MemberState member) {
        member.detach();
        if (!member.admitted) {
            // No client has received the member id, so the member cannot be resumed.
            remove(member);
        }
    }

    private void remove(MemberState member) {
        member.leaving = true;
        group.membersChanged();
        instanceFreed(member);
    }

    /** Lets candidates for the instance id join; if it is in use again, invites them again. */
    private void instanceFreed(MemberState member) {
        if (!member.instanceId.isEmpty()) {
            takeovers
                    .takeAll(member.instanceId)
                    .forEach(takeover -> join(takeover.session(), takeover.topicMatcher()));
        }
    }

    void applied(Group now) {
        // All members of a different protocol have left before the first member of this protocol is
        // admitted.
        protocol = now.members().isEmpty() ? CoordinatedGroup.PROTOCOL : now.protocol();
        for (GroupMember member : now.members()) {
            // From a change with a lost result, after the session has ended.
            if (!byId.containsKey(member.id())) {
                load(member);
            }
        }
        for (MemberState memberState : List.copyOf(byId.values())) {
            boolean wasKnown = memberState.admitted;
            memberState.applied(now.member(memberState.id));
            if (memberState.admitted && !wasKnown) {
                received(memberState);
                group.membersChanged();
            }
            if (wasKnown && !memberState.admitted) {
                drop(memberState);
            }
        }
    }

    private void load(GroupMember member) {
        MemberState memberState = MemberState.admitted(member);
        MemberState takeover = JoinValidator.memberOfInstance(byId, memberState.instanceId);
        byId.put(memberState.id, memberState);
        context.timers().resumeSession(memberState, () -> sessionExpired(memberState));
        if (takeover != null) {
            // The successor joined while this member's admission was unconfirmed.
            replace(takeover, memberState);
        }
    }

    private void drop(MemberState member) {
        byId.remove(member.id);
        member.end(SessionEndReasons.removed(id, member));
        member.removed.complete(null);
        if (!member.leaving) {
            member.leaving = true;
            instanceFreed(member);
        }
    }

    void removeNeverAdmitted() {
        byId.values()
                .removeIf(state -> {
                    boolean never = state.leaving && !state.admitted && !state.joining;
                    if (never) {
                        state.removed.complete(null);
                    }
                    return never;
                });
    }

    void changeCompleted() {
        byId.values().forEach(state -> state.joining = false);
    }

    void rejected(Problem why) {
        for (MemberState member : List.copyOf(byId.values())) {
            if (member.joining) {
                member.end(why);
                member.detailsDiffer = false;
                if (!member.admitted) {
                    remove(member);
                }
            }
        }
        changeCompleted();
    }

    void acknowledgeAll() {
        byId.values().forEach(MemberState::acknowledge);
    }

    void end(Problem why) {
        for (MemberState member : byId.values()) {
            member.end(why);
            member.removed.complete(null);
        }
        byId.clear();
        takeovers.endAll(why);
    }
}
