package io.millrace.group.coordinator;

import com.google.protobuf.ByteString;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Optional;

/**
 * A group that this node coordinates: its {@link GroupMembers}, and the way from the leases that it
 * has to those that it should have. What members and the applied state say is only noted; {@link
 * #settle} then tells members what is new for them, and gives the change that is due. Asks nobody
 * for the time, and puts nothing into the log itself. Owned by the metadata's loop.
 */
final class CoordinatedGroup {

    /** How members of this kind of group are served. */
    static final String PROTOCOL = "stream";

    private final String id;
    private final long claimEpoch;
    private final CoordinatorContext around;
    private final Runnable unsettled;
    private final GroupMembers roster;
    private final KnownPartitions knownPartitions;
    private PartitionLeases leases = PartitionLeases.NONE;
    private TargetAssignment target = TargetAssignment.NONE;
    private int generation;
    private boolean targetIsOld = true;
    private boolean topicsAreOld = true;

    /**
     * @param now as it is in the applied state, under this node's claim
     * @param unsettled is run when there is something to settle; often
     */
    CoordinatedGroup(Group now, CoordinatorContext around, Runnable unsettled) {
        this.id = now.id();
        this.claimEpoch = now.claimEpoch();
        this.around = around;
        this.unsettled = unsettled;
        this.roster = new GroupMembers(id, this, around);
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
    GroupMembers roster() {
        return roster;
    }

    /** Somebody comes or goes, or wants something else. */
    void membersChanged() {
        targetIsOld = true;
        unsettled.run();
    }

    /** A member comes in place of another one. */
    void takesOver(MemberState takeover, MemberState before) {
        target = target.with(takeover, before, leases);
    }

    void released(MemberState one, Collection<PartitionId> partitions) {
        one.released(partitions, leases.of(one.id));
        unsettled.run();
    }

    /** It is known what became of a commit of a member. */
    void committed(MemberState one) {
        if (one.waitsForCommits()) {
            unsettled.run();
        }
    }

    private void releaseOver(MemberState one) {
        around.metrics().fenced();
        one.fenced = true;
        one.end(SessionEndReasons.notReleased(id, one));
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
        leases = PartitionLeases.of(now);
        roster.applied(now);
        unsettled.run();
    }

    /** What became of the last change is known: nothing is on its way into the log any more. */
    void answered() {
        roster.answered();
        unsettled.run();
    }

    /** The last change was refused; whom it was to let in cannot come in. */
    void rejected(Problem why) {
        roster.rejected(why);
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
        check(now, topics);
        if (targetIsOld) {
            targetIsOld = false;
            target = target.again(roster.participants(), leases, topics, around.zoneOf());
        }
        for (MemberState one : new ArrayList<>(roster.participants().values())) {
            if (one.known && !one.leaving) {
                report(one, now);
            }
        }
        return mayChange
                ? GroupReconciler.of(
                        roster.protocol(),
                        knownPartitions::encode,
                        roster.participants(),
                        leases,
                        target.members())
                : Optional.empty();
    }

    private void check(Group now, Topics topics) {
        boolean checked = topicsAreOld;
        for (MemberState one : roster.participants().values()) {
            if (topicsAreOld || one.checkAgain) {
                one.check(topics);
                checked = true;
            }
        }
        topicsAreOld = false;
        if (checked) {
            knownPartitions.check(roster.participants().values(), now.topics(), topics);
        }
    }

    private void report(MemberState one, Group now) {
        MemberState.Share share =
                new MemberReconciliation(
                        one.id, leases, target, now, knownPartitions, around.firstOffset());
        one.report(generation, share);
        around.timers().watchRelease(one, share, () -> releaseOver(one));
    }
}
