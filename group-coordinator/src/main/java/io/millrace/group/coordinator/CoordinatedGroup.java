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
 * A group that this node coordinates: {@link GroupMembers}, leases and target assignment. Events
 * are only recorded; {@link #settle} notifies the members and returns the pending change. Reads no
 * clock and proposes nothing to the log. Owned by the metadata's event loop.
 */
final class CoordinatedGroup implements ProtocolGroup {

    static final String PROTOCOL = "stream";

    private final String id;
    private final long claimEpoch;
    private final CoordinatorContext context;
    private final Runnable onUnsettled;
    private final GroupMembers members;
    private final KnownPartitions knownPartitions;
    private final SharedMatches matches = new SharedMatches();
    private PartitionLeases leases = PartitionLeases.NONE;
    private TargetAssignment target = TargetAssignment.NONE;
    private int generation;
    private boolean targetStale = true;
    private boolean topicsStale = true;

    /**
     * @param unsettled the callback for unsettled events; called often
     */
    CoordinatedGroup(Group now, CoordinatorContext around, Runnable unsettled) {
        this.id = now.id();
        this.claimEpoch = now.claimEpoch();
        this.context = around;
        this.onUnsettled = unsettled;
        this.members = new GroupMembers(id, this, around);
        this.knownPartitions =
                KnownPartitions.decode(
                        now.protocol().equals(PROTOCOL) ? now.details() : ByteString.EMPTY);
        applied(now);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public long claimEpoch() {
        return claimEpoch;
    }

    @Override
    public int generation() {
        return generation;
    }

    @Override
    public int memberCount() {
        return members.byId().size();
    }

    @Override
    public boolean isInUse() {
        return !members.byId().isEmpty();
    }

    @Override
    public void resumed() {
        members.acknowledgeAll();
    }

    @Override
    public void end(Problem why) {
        members.end(why);
    }

    GroupMembers members() {
        return members;
    }

    void membersChanged() {
        targetStale = true;
        onUnsettled.run();
    }

    void replaceMember(MemberState takeover, MemberState before) {
        target = target.withReplacement(takeover, before, leases);
    }

    void released(MemberState member, Collection<PartitionId> partitions) {
        member.released(partitions, leases.of(member.id));
        onUnsettled.run();
    }

    void commitCompleted(MemberState member) {
        if (member.waitsForCommits()) {
            onUnsettled.run();
        }
    }

    private void releaseTimedOut(MemberState member) {
        context.metrics().fenced();
        member.fenced = true;
        member.end(SessionEndReasons.notReleased(id, member));
        membersChanged();
    }

    @Override
    public void topicsChanged() {
        topicsStale = true;
        membersChanged();
    }

    @Override
    public void applied(Group now) {
        generation = now.generation();
        leases = PartitionLeases.of(now);
        members.applied(now);
        onUnsettled.run();
    }

    @Override
    public void changeCompleted() {
        members.changeCompleted();
        onUnsettled.run();
    }

    /** The joins in the change are rejected with it. */
    @Override
    public void rejected(Problem why) {
        members.rejected(why);
        onUnsettled.run();
    }

    @Override
    public Optional<GroupChange> settle(Group now, Topics topics, boolean mayChange) {
        members.removeNeverAdmitted();
        check(now, topics);
        if (targetStale) {
            targetStale = false;
            target = target.recompute(members.byId(), leases, topics, context.zoneOf());
        }
        for (MemberState member : new ArrayList<>(members.byId().values())) {
            if (member.admitted && !member.leaving) {
                report(member, now);
            }
        }
        return mayChange
                ? GroupReconciler.of(
                        members.protocol(),
                        knownPartitions::encode,
                        members.byId(),
                        leases,
                        target.members())
                : Optional.empty();
    }

    private void check(Group now, Topics topics) {
        boolean checked = topicsStale;
        for (MemberState member : members.byId().values()) {
            if (topicsStale || member.topicsStale) {
                member.resolveTopics(matches, topics, context.access());
                checked = true;
            }
        }
        topicsStale = false;
        if (checked) {
            matches.retain(
                    members.byId().values().stream().map(MemberState::topicMatcher).toList());
            knownPartitions.check(members.byId().values(), now.topics(), topics);
        }
    }

    private void report(MemberState member, Group now) {
        MemberState.LeasePlan share =
                new MemberReconciliation(
                        member.id, leases, target, now, knownPartitions, context.firstOffset());
        member.report(generation, share);
        context.timers().watchRelease(member, share, () -> releaseTimedOut(member));
    }
}
