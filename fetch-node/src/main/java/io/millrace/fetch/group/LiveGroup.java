package io.millrace.fetch.group;

import com.google.protobuf.ByteString;
import io.millrace.fetch.PartitionKey;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.group.GroupMember;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * A group that this node coordinates: its members, and the way from the leases that it has to those
 * that it should have. What members and the applied state say is only noted; {@link #settle} then
 * tells members what is new for them, and gives the change that is due. Asks nobody for the time,
 * and puts nothing into the log itself. Owned by the metadata's loop.
 */
final class LiveGroup {

    /** How members of this kind of group are served. */
    static final String PROTOCOL = "stream";

    private final String id;
    private final long claimEpoch;
    private final Surroundings around;
    private final Runnable unsettled;
    private final SortedMap<String, Participant> participants = new TreeMap<>();
    private Leases leases = Leases.NONE;
    private Target target = Target.NONE;
    private int generation;
    private String protocol = PROTOCOL;
    private final KnownPartitions knownPartitions;
    private boolean targetIsOld = true;
    private boolean topicsAreOld = true;

    /**
     * @param now as it is in the applied state, under this node's claim
     * @param unsettled is run when there is something to settle; often
     */
    LiveGroup(Group now, Surroundings around, Runnable unsettled) {
        this.id = now.id();
        this.claimEpoch = now.claimEpoch();
        this.around = around;
        this.unsettled = unsettled;
        this.knownPartitions =
                KnownPartitions.decode(
                        now.protocol().equals(PROTOCOL) ? now.details() : ByteString.EMPTY);
        applied(now);
    }

    private void load(GroupMember member) {
        MemberDetails details =
                MemberDetails.decode(member.details()).orElse(MemberDetails.UNREADABLE);
        Interest interest;
        try {
            interest = new Interest(details.subscription());
        } catch (ProblemException unreadable) {
            interest = Interest.NONE;
        }
        Participant one =
                new Participant(
                        member.id(), member.instanceId(), details, interest, Optional.empty());
        Participant heir = Entrance.instance(participants, one.instanceId);
        one.known = true;
        participants.put(one.id, one);
        around.timers().takeOver(one, () -> sessionOver(one));
        if (heir != null) {
            // It came while it was not known whether this one, which gave up, had been let in.
            inherit(heir, one);
        }
    }

    String id() {
        return id;
    }

    long claimEpoch() {
        return claimEpoch;
    }

    /** The last one that was applied. */
    int generation() {
        return generation;
    }

    /** Members, those that come and those that go included. */
    int size() {
        return participants.size();
    }

    /**
     * Lets a member in, or goes on with one. Its session is attached then.
     *
     * @return why not; empty if it is in
     */
    Optional<Problem> join(LocalSession session, Interest interest) {
        JoinRequest request = session.request();
        Optional<Problem> refusal =
                Entrance.ofProtocol(id, protocol)
                        .or(() -> Entrance.refusal(id, participants, request));
        if (refusal.isPresent()) {
            return refusal;
        }
        Participant known = participants.get(request.memberId());
        Participant one = known != null ? resume(known, request) : create(request, interest);
        one.attach(session, request.details(), interest);
        session.attach(this, one);
        beginSession(one);
        targetIsOld = true;
        unsettled.run();
        return Optional.empty();
    }

    private Participant resume(Participant one, JoinRequest request) {
        one.end(Ends.goesOnElsewhere(id, one));
        one.owns(request.owned());
        return one;
    }

    private Participant create(JoinRequest request, Interest interest) {
        Participant before = Entrance.instance(participants, request.instanceId());
        Participant one =
                new Participant(
                        around.memberIds().get(),
                        request.instanceId(),
                        request.details(),
                        interest,
                        Optional.of(Set.of()));
        participants.put(one.id, one);
        if (before != null) {
            inherit(one, before);
        }
        return one;
    }

    /** A member vouches by its name that the one before it is no more. */
    private void inherit(Participant one, Participant before) {
        target = target.with(one, before, leases);
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

    void released(Participant one, Collection<PartitionKey> partitions) {
        one.released(partitions, leases.of(one.id));
        unsettled.run();
    }

    /** It is known what became of a commit of a member. */
    void committed(Participant one) {
        if (one.waitsForCommits()) {
            unsettled.run();
        }
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
        targetIsOld = true;
        unsettled.run();
    }

    private void releaseOver(Participant one) {
        around.metrics().fenced();
        one.fenced = true;
        one.end(Ends.notReleased(id, one));
        targetIsOld = true;
        unsettled.run();
    }

    /** There are other topics, or other partitions of them. */
    void topicsChanged() {
        topicsAreOld = true;
        targetIsOld = true;
        unsettled.run();
    }

    /** The applied state says this of it now. */
    void applied(Group now) {
        generation = now.generation();
        // Those who were served otherwise are gone before anybody is let in.
        protocol = now.members().isEmpty() ? PROTOCOL : now.protocol();
        leases = Leases.of(now);
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
                targetIsOld = true;
            }
            if (wasKnown && !one.known) {
                forget(one);
            }
        }
        unsettled.run();
    }

    private void forget(Participant one) {
        participants.remove(one.id);
        one.leaving = true;
        one.end(Ends.removed(id, one));
        one.gone.complete(null);
    }

    /** What became of the last change is known: nothing is on its way into the log any more. */
    void answered() {
        participants.values().forEach(one -> one.joining = false);
        unsettled.run();
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
    }

    /**
     * Tells members what is new for them.
     *
     * @param now the group in the applied state
     * @param mayChange whether no change is on its way into the log
     * @return the change that is due
     */
    Optional<GroupChange> settle(Group now, Topics topics, boolean mayChange) {
        participants
                .values()
                .removeIf(one -> {
                    boolean never = one.leaving && !one.known && !one.joining;
                    if (never) {
                        one.gone.complete(null);
                    }
                    return never;
                });
        look(now, topics);
        if (targetIsOld) {
            targetIsOld = false;
            target = target.anew(participants, leases, topics, around.zoneOf());
        }
        for (Participant one : new ArrayList<>(participants.values())) {
            if (one.known && !one.leaving) {
                tell(one, now);
            }
        }
        return mayChange
                ? DueChange.of(
                        protocol, knownPartitions::encode, participants, leases, target.members())
                : Optional.empty();
    }

    private void look(Group now, Topics topics) {
        boolean looked = topicsAreOld;
        for (Participant one : participants.values()) {
            if (topicsAreOld || one.looksAnew) {
                one.look(topics);
                looked = true;
            }
        }
        topicsAreOld = false;
        if (looked) {
            knownPartitions.look(participants.values(), now.topics(), topics);
        }
    }

    private void tell(Participant one, Group now) {
        Participant.Share share =
                new TargetShare(one.id, leases, target, now, knownPartitions, around.firstOffset());
        one.tell(generation, share);
        around.timers().watchRelease(one, share, () -> releaseOver(one));
    }
}
