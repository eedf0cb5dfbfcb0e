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
     * instance id is in use, the member is invited instead.
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
        } else if (JoinValidator.memberOfInstance(byId, request.instanceId()) != null) {
            invite(new InstanceTakeovers.Takeover(session, interest));
        } else {
            String newId =
                    request.memberIdChosen() ? request.memberId() : context.memberIds().get();
            MemberState one = create(newId, request, interest);
            attach(one, session, interest);
        }
    }

    private Optional<Problem> rejection(JoinRequest request) {
        return JoinValidator.protocolMismatch(id, protocol)
                .or(() -> JoinValidator.rejection(id, byId, takeovers.size(), request));
    }

    private void attach(MemberState one, LocalSession session, TopicMatcher interest) {
        one.attach(session, session.request().details(), interest);
        session.attach(group, one);
        startSession(one);
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
        byId.put(one.id, one);
        return one;
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
        MemberState one = create(memberId, session.request(), takeover.topicMatcher());
        if (before != null) {
            replace(one, before);
        }
        attach(one, session, takeover.topicMatcher());
    }

    void cancelInvitation(LocalSession session) {
        takeovers.cancel(session);
    }

    /** The instance id guarantees that the process of the earlier member has ended. */
    private void replace(MemberState one, MemberState before) {
        group.replaceMember(one, before);
        one.isTakeover = true;
        before.end(SessionEndReasons.takeover(id, before, one.details()));
        remove(before);
    }

    void received(MemberState one) {
        context.timers().received(one);
    }

    void received(String memberId) {
        MemberState one = byId.get(memberId);
        if (one != null && one.isActive()) {
            received(one);
        }
    }

    private void startSession(MemberState one) {
        context.timers().startSession(one, () -> sessionExpired(one));
    }

    private void sessionExpired(MemberState one) {
        if (!one.admitted) {
            // The session cannot expire before the member has been notified of the admission.
            startSession(one);
            return;
        }
        if (!one.fenced) {
            context.metrics().sessionExpired();
        }
        one.end(SessionEndReasons.sessionExpired(id, one));
        remove(one);
    }

    /** Completes after the removal, or when this node no longer coordinates the group. */
    CompletableFuture<Void> leave(MemberState one) {
        one.detach();
        remove(one);
        return one.removed;
    }

    void detached(MemberState one) {
        one.detach();
        if (!one.admitted) {
            // No client has received the member id, so the member cannot be resumed.
            remove(one);
        }
    }

    private void remove(MemberState one) {
        one.leaving = true;
        group.membersChanged();
        instanceFreed(one);
    }

    /** Lets candidates for the instance id join; if it is in use again, invites them again. */
    private void instanceFreed(MemberState one) {
        if (!one.instanceId.isEmpty()) {
            takeovers
                    .takeAll(one.instanceId)
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
        for (MemberState one : List.copyOf(byId.values())) {
            boolean wasKnown = one.admitted;
            one.applied(now.member(one.id));
            if (one.admitted && !wasKnown) {
                received(one);
                group.membersChanged();
            }
            if (wasKnown && !one.admitted) {
                drop(one);
            }
        }
    }

    private void load(GroupMember member) {
        MemberState one = MemberState.admitted(member);
        MemberState takeover = JoinValidator.memberOfInstance(byId, one.instanceId);
        byId.put(one.id, one);
        context.timers().resumeSession(one, () -> sessionExpired(one));
        if (takeover != null) {
            // The successor joined while this member's admission was unconfirmed.
            replace(takeover, one);
        }
    }

    private void drop(MemberState one) {
        byId.remove(one.id);
        one.end(SessionEndReasons.removed(id, one));
        one.removed.complete(null);
        if (!one.leaving) {
            one.leaving = true;
            instanceFreed(one);
        }
    }

    void removeNeverAdmitted() {
        byId.values()
                .removeIf(one -> {
                    boolean never = one.leaving && !one.admitted && !one.joining;
                    if (never) {
                        one.removed.complete(null);
                    }
                    return never;
                });
    }

    void changeCompleted() {
        byId.values().forEach(one -> one.joining = false);
    }

    void rejected(Problem why) {
        for (MemberState one : List.copyOf(byId.values())) {
            if (one.joining) {
                one.end(why);
                one.detailsDiffer = false;
                if (!one.admitted) {
                    remove(one);
                }
            }
        }
        changeCompleted();
    }

    void acknowledgeAll() {
        byId.values().forEach(MemberState::acknowledge);
    }

    void end(Problem why) {
        for (MemberState one : byId.values()) {
            one.end(why);
            one.removed.complete(null);
        }
        byId.clear();
        takeovers.endAll(why);
    }
}
