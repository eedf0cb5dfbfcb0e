package io.millrace.fetch.group;

import com.google.protobuf.ByteString;
import io.millrace.fetch.PartitionKey;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Optional;

/**
 * A group that this node coordinates: its {@link Roster}, and the way from the leases that it has
 * to those that it should have. What members and the applied state say is only noted; {@link
 * #settle} then tells members what is new for them, and gives the change that is due. Asks nobody
 * for the time, and puts nothing into the log itself. Owned by the metadata's loop.
 */
final class LiveGroup {

    /** How members of this kind of group are served. */
    static final String PROTOCOL = "stream";

    private final String id;
    private final long claimEpoch;
    private final Surroundings around;
    private final Runnable unsettled;
    private final Roster roster;
    private final KnownPartitions knownPartitions;
    private Leases leases = Leases.NONE;
    private Target target = Target.NONE;
    private int generation;
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
        this.roster = new Roster(id, this, around);
        this.knownPartitions =
                KnownPartitions.decode(
                        now.protocol().equals(PROTOCOL) ? now.details() : ByteString.EMPTY);
        applied(now);
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

    /** Who is in it, comes and goes. */
    Roster roster() {
        return roster;
    }

    /** Somebody comes or goes, or wants something else. */
    void membersChanged() {
        targetIsOld = true;
        unsettled.run();
    }

    /** A member comes in place of another one. */
    void inherits(Participant heir, Participant before) {
        target = target.with(heir, before, leases);
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

    private void releaseOver(Participant one) {
        around.metrics().fenced();
        one.fenced = true;
        one.end(Ends.notReleased(id, one));
        membersChanged();
    }

    /** There are other topics, or other partitions of them. */
    void topicsChanged() {
        topicsAreOld = true;
        membersChanged();
    }

    /** The applied state says this of it now. */
    void applied(Group now) {
        generation = now.generation();
        leases = Leases.of(now);
        roster.applied(now);
        unsettled.run();
    }

    /** What became of the last change is known: nothing is on its way into the log any more. */
    void answered() {
        roster.answered();
        unsettled.run();
    }

    /** The last change was refused; whom it was to let in cannot come in. */
    void refused(Problem why) {
        roster.refused(why);
        unsettled.run();
    }

    /**
     * Tells members what is new for them.
     *
     * @param now the group in the applied state
     * @param mayChange whether no change is on its way into the log
     * @return the change that is due
     */
    Optional<GroupChange> settle(Group now, Topics topics, boolean mayChange) {
        roster.forgetStrangers();
        look(now, topics);
        if (targetIsOld) {
            targetIsOld = false;
            target = target.anew(roster.participants(), leases, topics, around.zoneOf());
        }
        for (Participant one : new ArrayList<>(roster.participants().values())) {
            if (one.known && !one.leaving) {
                tell(one, now);
            }
        }
        return mayChange
                ? DueChange.of(
                        roster.protocol(),
                        knownPartitions::encode,
                        roster.participants(),
                        leases,
                        target.members())
                : Optional.empty();
    }

    private void look(Group now, Topics topics) {
        boolean looked = topicsAreOld;
        for (Participant one : roster.participants().values()) {
            if (topicsAreOld || one.looksAnew) {
                one.look(topics);
                looked = true;
            }
        }
        topicsAreOld = false;
        if (looked) {
            knownPartitions.look(roster.participants().values(), now.topics(), topics);
        }
    }

    private void tell(Participant one, Group now) {
        Participant.Share share =
                new TargetShare(one.id, leases, target, now, knownPartitions, around.firstOffset());
        one.tell(generation, share);
        around.timers().watchRelease(one, share, () -> releaseOver(one));
    }
}
