package io.millrace.simulation.workload;

import io.millrace.group.MemberDetails;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.simulation.invariant.ExclusiveRights;
import io.millrace.simulation.invariant.GroupCheck;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** A consumer of a group, as a sequence of processes. */
public final class SimulatedGroupMember implements ExclusiveRights.Holder {

    /**
     * @param instanceId empty for none
     */
    record Identity(
            String group,
            int number,
            String instanceId,
            MemberDetails details,
            SimulatedMemberConnection.CoordinatorRoute way) {}

    private final SimulatedCluster cluster;
    private final GroupCheck check;
    private final Identity identity;
    private final SplittableRandom random;

    private SimulatedMember currentProcess;

    SimulatedGroupMember(
            SimulatedCluster cluster,
            GroupCheck check,
            Identity identity,
            SplittableRandom random) {
        this.cluster = cluster;
        this.check = check;
        this.identity = identity;
        this.random = random;
        this.currentProcess = newProcess();
        check.add(this);
    }

    private SimulatedMember newProcess() {
        return new SimulatedMember(cluster, identity, random, this, check);
    }

    public int number() {
        return identity.number();
    }

    @Override
    public Duration sessionTimeout() {
        return identity.details().sessionTimeout();
    }

    void start() {
        currentProcess.loop.kill();
        SimulatedMember begun = newProcess();
        currentProcess = begun;
        begun.loop.execute(begun::start);
    }

    void kill() {
        check.note("is killed", number(), 0);
        currentProcess.kill();
    }

    void leave() {
        check.note("leaves", number(), 0);
        currentProcess.leave();
    }

    boolean isAlive() {
        return currentProcess.isAlive();
    }

    void pause(Duration time) {
        SimulatedMember paused = currentProcess;
        if (!paused.loop.isPaused()) {
            check.note("sleeps", number(), time.toMillis());
            paused.loop.pause();
            cluster.world.schedule(time, paused.loop::resume);
        }
    }

    /** Returns whether the member may process a partition, by the member's clock. */
    @Override
    public boolean mayProcess(PartitionId key) {
        return currentProcess.mayProcess(key);
    }

    @Override
    public Set<PartitionId> processablePartitions() {
        return new TreeSet<>(currentProcess.processablePartitions());
    }

    @Override
    public String toString() {
        return "%d (%s, %s)".formatted(identity.number(), identity.way(), currentProcess.id());
    }
}
