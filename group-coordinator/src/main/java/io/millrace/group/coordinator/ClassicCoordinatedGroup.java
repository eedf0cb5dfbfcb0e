package io.millrace.group.coordinator;

import io.millrace.group.GroupMetrics;
import io.millrace.group.classic.ClassicError;
import io.millrace.group.classic.ClassicGroup;
import io.millrace.metadata.group.Group;
import io.millrace.metadata.group.GroupChange;
import io.millrace.metadata.topic.Topics;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import java.util.Optional;

/** A group with client-side assignment that this node coordinates. */
final class ClassicCoordinatedGroup implements ProtocolGroup {

    private final String id;
    private final long claimEpoch;
    private final ClassicGroup members;
    private final GroupMetrics metrics;
    private int generation;
    private long countedRebalances;

    ClassicCoordinatedGroup(Group now, ClassicGroup members, GroupMetrics metrics) {
        this.id = now.id();
        this.claimEpoch = now.claimEpoch();
        this.generation = now.generation();
        this.members = members;
        this.metrics = metrics;
    }

    ClassicGroup members() {
        return members;
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
        return members.memberCount();
    }

    @Override
    public boolean isInUse() {
        return !members.isIdle();
    }

    @Override
    public void applied(Group now) {
        generation = now.generation();
        members.applied(now);
    }

    @Override
    public Optional<GroupChange> settle(Group now, Topics topics, boolean mayChange) {
        metrics.rebalanced(members.rebalancesBegun() - countedRebalances);
        countedRebalances = members.rebalancesBegun();
        return members.settle(now, topics, mayChange);
    }

    @Override
    public void changeCompleted() {
        // The applied state has answered the members.
    }

    @Override
    public void rejected(Problem why) {
        members.rejected(
                why.reason() == Reason.TOO_LARGE
                        ? ClassicError.TOO_LARGE
                        : ClassicError.GROUP_FULL);
    }

    @Override
    public void topicsChanged() {
        // The members watch the topics themselves.
    }

    @Override
    public void resumed() {
        // Members are answered per request.
    }

    @Override
    public void end(Problem why) {
        members.end(ClassicError.NOT_COORDINATOR);
    }
}
