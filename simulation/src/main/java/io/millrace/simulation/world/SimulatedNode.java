package io.millrace.simulation.world;

import io.millrace.ingest.IngestNode;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.membership.Role;
import io.millrace.metadata.replica.MetadataReplica;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A node that restarts the process after every end. */
public final class SimulatedNode implements NodeProcess.Listener {

    private static final CompletableFuture<Void> NOTHING_TO_DO =
            CompletableFuture.completedFuture(null);

    private final SimulatedCluster cluster;
    private final int number;
    private final Duration usualAhead;
    private final WallClock clock;
    private final SplittableRandom random;
    private final List<Long> pastIncarnations = new ArrayList<>();
    private @Nullable NodeProcess process;
    private int id;
    private boolean ready;
    private FeatureLevels levels;
    private final NodeProfile profile;
    private NodeProcess.SealingMode seals = NodeProcess.SealingMode.AS_LEADER;

    /**
     * @param usualAhead the deviation of the wall clock, except for jumps
     */
    SimulatedNode(
            SimulatedCluster cluster,
            int number,
            Duration usualAhead,
            FeatureLevels levels,
            NodeProfile profile) {
        this.cluster = cluster;
        this.number = number;
        this.usualAhead = usualAhead;
        this.clock = new WallClock(cluster, usualAhead);
        this.levels = levels;
        this.profile = profile;
        this.random = cluster.random.split();
        this.id = number;
    }

    /** Takes another id. Only before the start. */
    void useIdOf(int other) {
        id = other;
    }

    /** Returns to the node's own id, with a restart after a change. */
    public void useOwnId() {
        if (id != number) {
            id = number;
            crash();
        }
    }

    public boolean has(Role role) {
        return profile.roles().contains(role);
    }

    public int number() {
        return number;
    }

    /** Returns by how much the wall clock was ahead at most. */
    Duration maxAhead() {
        return clock.maxAhead();
    }

    /** Returns whether a process of this node has or had the incarnation. */
    boolean hasOrHad(long incarnation) {
        MetadataReplica replica = process == null ? null : process.replica();
        return pastIncarnations.contains(incarnation)
                || (replica != null && replica.incarnation() == incarnation);
    }

    /** Adds the incarnations of all processes so far. */
    void addIncarnations(Set<Long> incarnations) {
        incarnations.addAll(pastIncarnations);
        MetadataReplica replica = process == null ? null : process.replica();
        if (replica != null) {
            incarnations.add(replica.incarnation());
        }
    }

    public void jumpClock(Duration ahead) {
        clock.setAhead(ahead);
    }

    public void resetClock() {
        clock.setAhead(usualAhead);
    }

    public void start() {
        if (process == null) {
            note("start");
            process =
                    new NodeProcess(cluster, number, id, profile, clock, levels, () -> seals, this);
        }
    }

    private void note(String what) {
        cluster.trace.note(cluster.world.nanoTime(), what, number, 0, 0);
    }

    @Override
    public void ready(NodeProcess started) {
        if (process == started) {
            note("ready");
            ready = true;
        }
    }

    @Override
    public void stopped(NodeProcess stopping, String why) {
        if (process == stopping) {
            note("stopped itself");
            cluster.trace.remark(cluster.world.nanoTime(), why);
            // These messages mean that the log or the replica is wrong.
            cluster.violations.check(
                    !why.contains("differ")
                            && !why.contains("its head says")
                            && !why.contains("Restore etcd")
                            && !why.contains("Another process writes")
                            && !why.contains("holds the state after"),
                    "node %d stopped itself: %s",
                    number,
                    why);
            if (why.contains("feature level")) {
                upgrade();
            }
            die();
        }
    }

    /** Ends the process at once. The next process starts some time later. */
    public void crash() {
        if (process != null) {
            note("crash");
            die();
        }
    }

    private void upgrade() {
        note("upgrade");
        levels = TestLevels.TWO;
    }

    private void die() {
        if (levels != TestLevels.TWO && random.nextBoolean()) {
            upgrade();
        }
        NodeProcess dying = process;
        if (dying == null) {
            return;
        }
        if (dying.replica() != null) {
            pastIncarnations.add(dying.replica().incarnation());
        }
        dying.kill();
        process = null;
        ready = false;
        cluster.world.schedule(FaultState.between(random, 50, 3000), this::start);
    }

    public void pause(Duration time) {
        NodeProcess paused = process;
        if (paused != null && !paused.loop.isPaused()) {
            note("pause");
            paused.loop.pause();
            cluster.world.schedule(
                    time,
                    () -> {
                        if (!paused.loop.isDead()) {
                            note("resume");
                            paused.loop.resume();
                        }
                    });
        }
    }

    /** Ends the process as SIGTERM does: accepted requests are completed within this time. */
    public void terminate(Duration patience) {
        NodeProcess ending = process;
        IngestNode ingest = ending == null ? null : ending.ingest();
        NodeGroups groups = ending == null ? null : ending.groups();
        MetadataReplica replica = ending == null ? null : ending.replica();
        if (ending == null || replica == null) {
            return;
        }
        note("terminate");
        ending.loop.execute(() ->
                (groups == null ? NOTHING_TO_DO : groups.coordinator().close())
                        .thenCompose(handedOver ->
                                ingest == null ? NOTHING_TO_DO : ingest.drain(patience))
                        .thenCompose(drained -> replica.close())
                        .thenCompose(closed -> ending.leave())
                        .thenAccept(left -> end(ending)));
        // The supervisor kills the process after that time.
        cluster.world.schedule(patience.plusSeconds(2), () -> end(ending));
    }

    private void end(NodeProcess ending) {
        if (process == ending) {
            note("ended");
            die();
        }
    }

    public void setSeals(NodeProcess.SealingMode now) {
        seals = now;
    }

    @Nullable
    public NodeProcess process() {
        return process;
    }

    /** Returns null unless the process serves, or considers itself serving. */
    @Nullable
    public NodeProcess serving() {
        return ready ? process : null;
    }

    public List<Long> pastIncarnations() {
        return pastIncarnations;
    }
}
