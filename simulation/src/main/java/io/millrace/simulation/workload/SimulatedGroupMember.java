package io.millrace.simulation.workload;

import io.millrace.group.MemberDetails;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.simulation.invariant.GroupCheck;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** A consumer that shares partitions with others: one life after the other. */
public final class SimulatedGroupMember {

    /**
     * Who it is.
     *
     * @param number among the members
     * @param instanceId empty if it has none
     * @param way how it gets to its coordinator
     */
    record Identity(
            String group,
            int number,
            String instanceId,
            MemberDetails details,
            SimulatedMemberConnection.Way way) {}

    private final SimulatedCluster cluster;
    private final GroupCheck check;
    private final Identity identity;
    private final SplittableRandom random;

    private SimulatedMember life;

    SimulatedGroupMember(
            SimulatedCluster cluster,
            GroupCheck check,
            Identity identity,
            SplittableRandom random) {
        this.cluster = cluster;
        this.check = check;
        this.identity = identity;
        this.random = random;
        this.life = newLife();
        check.add(this);
    }

    private SimulatedMember newLife() {
        return new SimulatedMember(cluster, identity, random, this, check);
    }

    public int number() {
        return identity.number();
    }

    void start() {
        life.loop.die();
        SimulatedMember begun = newLife();
        life = begun;
        begun.loop.execute(begun::start);
    }

    /** Ends without a word, as kill -9. */
    void kill() {
        check.note("is killed", number(), 0);
        life.kill();
    }

    /** Ends as it should. */
    void leave() {
        check.note("leaves", number(), 0);
        life.leave();
    }

    /** Whether it runs, and wants to go on. */
    boolean isAlive() {
        return life.isAlive();
    }

    /** Does nothing for a while, as SIGSTOP. */
    void pause(Duration time) {
        SimulatedMember paused = life;
        if (!paused.loop.isPaused()) {
            check.note("sleeps", number(), time.toMillis());
            paused.loop.pause();
            cluster.world.schedule(time, paused.loop::resume);
        }
    }

    /** Whether it may work on a partition by all it knows. */
    public boolean mayWorkOn(PartitionId key) {
        return life.mayWorkOn(key);
    }

    /** The partitions that it may work on. */
    public Set<PartitionId> works() {
        return new TreeSet<>(life.works());
    }

    @Override
    public String toString() {
        return "%d (%s, %s)".formatted(identity.number(), identity.way(), life.id());
    }
}
