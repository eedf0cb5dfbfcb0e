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
 * Who is in a group, comes to it and goes: the sessions of its members as long as they last, and
 * those who wait for the place of one. What that means for partitions, its {@link CoordinatedGroup}
 * knows. Owned by the metadata's loop.
 */
final class GroupMembers {

    private final String id;
    private final CoordinatedGroup group;
    private final CoordinatorContext around;
    private final SortedMap<String, MemberState> participants = new TreeMap<>();
    private final InstanceTakeovers takeovers = new InstanceTakeovers();
    private String protocol = CoordinatedGroup.PROTOCOL;

    /**
     * @param id of the group
     */
    GroupMembers(String id, CoordinatedGroup group, CoordinatorContext around) {
        this.id = id;
        this.group = group;
        this.around = around;
    }

    /** All of them by their ids, those that come and those that go included. */
    SortedMap<String, MemberState> participants() {
        return Collections.unmodifiableSortedMap(participants);
    }

    /** How members are served, in a word. */
    String protocol() {
        return protocol;
    }

    /**
     * Lets a member in, or goes on with one; its session is attached then. Or invites it, where it
     * would take the place of another one.
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

    /** Who was invited says that it has heard it. */
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

    /** Who was invited is gone. */
    void forget(LocalSession session) {
        takeovers.forget(session);
    }

    /** A member vouches by its name that the one before it is no more. */
    private void takeOverFrom(MemberState one, MemberState before) {
        group.takesOver(one, before);
        one.takesOver = true;
        before.end(SessionEndReasons.takeover(id, before, one.details()));
        remove(before);
    }

    /** A message of a member came. */
    void received(MemberState one) {
        around.timers().received(one);
    }

    /** A message came that says that it is of this member. */
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
            // It cannot be heard of before it is told that it is in.
            beginSession(one);
            return;
        }
        if (!one.fenced) {
            around.metrics().sessionOver();
        }
        one.end(SessionEndReasons.silent(id, one));
        remove(one);
    }

    /** A member leaves; completes when it is out, or when this node cannot say that any more. */
    CompletableFuture<Void> leave(MemberState one) {
        one.detach();
        remove(one);
        return one.gone;
    }

    /** A member's connection is gone. */
    void detached(MemberState one) {
        one.detach();
        if (!one.known) {
            // Nobody knows its id, so that nobody can come back as it.
            remove(one);
        }
    }

    private void remove(MemberState one) {
        one.leaving = true;
        group.membersChanged();
        placeIsFree(one);
    }

    /**
     * Whoever was invited to that place may have it, or is invited to what is another one's now.
     */
    private void placeIsFree(MemberState one) {
        if (!one.instanceId.isEmpty()) {
            takeovers
                    .takeAll(one.instanceId)
                    .forEach(takeover -> join(takeover.session(), takeover.interest()));
        }
    }

    /** The applied state says this of the group now. */
    void applied(Group now) {
        // Those who were served otherwise are gone before anybody is let in.
        protocol = now.members().isEmpty() ? CoordinatedGroup.PROTOCOL : now.protocol();
        for (GroupMember member : now.members()) {
            // Of a change whose answer was lost, and whom nobody waited for any more.
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
            // It came while it was not known whether this one, which gave up, had been let in.
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

    /** Forgets those that go and never were members. */
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

    /** What became of the last change is known: nothing is on its way into the log any more. */
    void answered() {
        participants.values().forEach(one -> one.joining = false);
    }

    /** The last change was refused; whom it was to let in cannot come in. */
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

    /** Answers whoever was heard of and not answered. */
    void answerAll() {
        participants.values().forEach(MemberState::answer);
    }

    /** This node speaks for the group no more. */
    void end(Problem why) {
        for (MemberState one : participants.values()) {
            one.end(why);
            one.gone.complete(null);
        }
        participants.clear();
        takeovers.endAll(why);
    }
}
