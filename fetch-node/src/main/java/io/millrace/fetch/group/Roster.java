package io.millrace.fetch.group;

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
 * those who wait for the place of one. What that means for partitions, its {@link LiveGroup} knows.
 * Owned by the metadata's loop.
 */
final class Roster {

    private final String id;
    private final LiveGroup group;
    private final Surroundings around;
    private final SortedMap<String, Participant> participants = new TreeMap<>();
    private final Heirs heirs = new Heirs();
    private String protocol = LiveGroup.PROTOCOL;

    /**
     * @param id of the group
     */
    Roster(String id, LiveGroup group, Surroundings around) {
        this.id = id;
        this.group = group;
        this.around = around;
    }

    /** All of them by their ids, those that come and those that go included. */
    SortedMap<String, Participant> participants() {
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
    void join(LocalSession session, Interest interest) {
        JoinRequest request = session.request();
        Optional<Problem> refusal = refusal(request);
        Participant known = participants.get(request.memberId());
        if (refusal.isPresent()) {
            session.end(refusal.get());
        } else if (known != null) {
            known.end(Ends.goesOnElsewhere(id, known));
            known.owns(request.owned());
            attach(known, session, interest);
        } else if (Entrance.instance(participants, request.instanceId()) != null) {
            invite(new Heirs.Heir(session, interest));
        } else {
            String newId = request.chosen() ? request.memberId() : around.memberIds().get();
            Participant one = create(newId, request, interest);
            attach(one, session, interest);
        }
    }

    private Optional<Problem> refusal(JoinRequest request) {
        return Entrance.ofProtocol(id, protocol)
                .or(() -> Entrance.refusal(id, participants, heirs.size(), request));
    }

    private void attach(Participant one, LocalSession session, Interest interest) {
        one.attach(session, session.request().details(), interest);
        session.attach(group, one);
        beginSession(one);
        group.membersChanged();
    }

    private Participant create(String memberId, JoinRequest request, Interest interest) {
        Participant one =
                new Participant(
                        memberId,
                        request.instanceId(),
                        request.details(),
                        interest,
                        Optional.of(Set.of()));
        participants.put(one.id, one);
        return one;
    }

    private void invite(Heirs.Heir heir) {
        String memberId = around.memberIds().get();
        Duration patience = heir.session().request().details().sessionTimeout();
        heirs.invite(group, heir, memberId);
        around.timers()
                .after(
                        patience,
                        () -> heirs.isInvited(memberId),
                        () -> heirs.end(memberId, Ends.notAccepted(id, patience)));
    }

    /** Who was invited says that it has heard it. */
    void accepted(LocalSession session, String memberId) {
        heirs.accepted(session, memberId)
                .ifPresent(heir ->
                        refusal(session.request())
                                .ifPresentOrElse(session::end, () -> takeOver(heir, memberId)));
    }

    private void takeOver(Heirs.Heir heir, String memberId) {
        LocalSession session = heir.session();
        Participant before = Entrance.instance(participants, heir.instanceId());
        Participant one = create(memberId, session.request(), heir.interest());
        if (before != null) {
            inherit(one, before);
        }
        attach(one, session, heir.interest());
    }

    /** Who was invited is gone. */
    void forget(LocalSession session) {
        heirs.forget(session);
    }

    /** A member vouches by its name that the one before it is no more. */
    private void inherit(Participant one, Participant before) {
        group.inherits(one, before);
        one.inherits = true;
        before.end(Ends.heir(id, before, one.details()));
        remove(before);
    }

    /** A message of a member came. */
    void heard(Participant one) {
        around.timers().heard(one);
    }

    /** A message came that says that it is of this member. */
    void heard(String memberId) {
        Participant one = participants.get(memberId);
        if (one != null && one.isWelcome()) {
            heard(one);
        }
    }

    private void beginSession(Participant one) {
        around.timers().begin(one, () -> sessionOver(one));
    }

    private void sessionOver(Participant one) {
        if (!one.known) {
            // It cannot be heard of before it is told that it is in.
            beginSession(one);
            return;
        }
        if (!one.fenced) {
            around.metrics().sessionOver();
        }
        one.end(Ends.silent(id, one));
        remove(one);
    }

    /** A member leaves; completes when it is out, or when this node cannot say that any more. */
    CompletableFuture<Void> leave(Participant one) {
        one.detach();
        remove(one);
        return one.gone;
    }

    /** A member's connection is gone. */
    void detached(Participant one) {
        one.detach();
        if (!one.known) {
            // Nobody knows its id, so that nobody can come back as it.
            remove(one);
        }
    }

    private void remove(Participant one) {
        one.leaving = true;
        group.membersChanged();
        placeIsFree(one);
    }

    /**
     * Whoever was invited to that place may have it, or is invited to what is another one's now.
     */
    private void placeIsFree(Participant one) {
        if (!one.instanceId.isEmpty()) {
            heirs.takeAll(one.instanceId).forEach(heir -> join(heir.session(), heir.interest()));
        }
    }

    /** The applied state says this of the group now. */
    void applied(Group now) {
        // Those who were served otherwise are gone before anybody is let in.
        protocol = now.members().isEmpty() ? LiveGroup.PROTOCOL : now.protocol();
        for (GroupMember member : now.members()) {
            // Of a change whose answer was lost, and whom nobody waited for any more.
            if (!participants.containsKey(member.id())) {
                load(member);
            }
        }
        for (Participant one : List.copyOf(participants.values())) {
            boolean wasKnown = one.known;
            one.applied(now.member(one.id));
            if (one.known && !wasKnown) {
                heard(one);
                group.membersChanged();
            }
            if (wasKnown && !one.known) {
                drop(one);
            }
        }
    }

    private void load(GroupMember member) {
        Participant one = Participant.known(member);
        Participant heir = Entrance.instance(participants, one.instanceId);
        participants.put(one.id, one);
        around.timers().takeOver(one, () -> sessionOver(one));
        if (heir != null) {
            // It came while it was not known whether this one, which gave up, had been let in.
            inherit(heir, one);
        }
    }

    private void drop(Participant one) {
        participants.remove(one.id);
        one.end(Ends.removed(id, one));
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
    void refused(Problem why) {
        for (Participant one : List.copyOf(participants.values())) {
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
        participants.values().forEach(Participant::answer);
    }

    /** This node speaks for the group no more. */
    void end(Problem why) {
        for (Participant one : participants.values()) {
            one.end(why);
            one.gone.complete(null);
        }
        participants.clear();
        heirs.endAll(why);
    }
}
