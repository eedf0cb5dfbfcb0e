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
 * A group that this node coordinates: {@link GroupMembers}, leases and target assignment. Events of
 * members and of the applied state are only recorded; {@link #settle} notifies the members and
 * returns the pending change. Reads no clock and proposes nothing to the log. Owned by the
 * metadata's event loop.
 */
final class CoordinatedGroup {

    /** The protocol name of groups with assignment by the coordinator. */
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
     * @param now the group in the applied state, claimed by this node
     * @param unsettled the callback for unsettled events; called often
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

    /** Returns the last generation that was applied. */
    int generation() {
        return generation;
    }

    GroupMembers roster() {
        return roster;
    }

    /** Members joined or left, or a subscription changed. */
    void membersChanged() {
        targetIsOld = true;
        unsettled.run();
    }

    /** A member replaces an existing one and gets the same target. */
    void takesOver(MemberState takeover, MemberState before) {
        target = target.with(takeover, before, leases);
    }

    void released(MemberState one, Collection<PartitionId> partitions) {
        one.released(partitions, leases.of(one.id));
        unsettled.run();
    }

    /** The result of a member's commit has arrived. */
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

    /** Topics or partitions were created or deleted. */
    void topicsChanged() {
        topicsAreOld = true;
        membersChanged();
    }

    /** Takes over a new applied state of the group. */
    void applied(Group now) {
        generation = now.generation();
        leases = PartitionLeases.of(now);
        roster.applied(now);
        unsettled.run();
    }

    /** The result of the last change is known; no change is in flight. */
    void answered() {
        roster.answered();
        unsettled.run();
    }

    /** The last change was rejected, including all joins in it. */
    void rejected(Problem why) {
        roster.rejected(why);
        unsettled.run();
    }

    /**
     * Notifies members of changes.
     *
     * @param now the group in the applied state
     * @param mayChange whether no change is in flight
     * @return the pending change
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
