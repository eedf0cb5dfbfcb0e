package io.millrace.simulation.world;

import io.millrace.ingest.IngestNode;
import io.millrace.metadata.TestLevels;
import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.replica.MetadataReplica;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A place where a process runs, and is started again whenever it ended. */
public final class SimulatedNode implements NodeProcess.Listener {

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
    private NodeProcess.Seals seals = NodeProcess.Seals.AS_LEADER;

    /**
     * @param usualAhead how far its wall clock is ahead of the true time, unless it jumps
     * @param levels what its first process knows
     */
    SimulatedNode(SimulatedCluster cluster, int number, Duration usualAhead, FeatureLevels levels) {
        this.cluster = cluster;
        this.number = number;
        this.usualAhead = usualAhead;
        this.clock = new WallClock(cluster, usualAhead);
        this.levels = levels;
        this.random = cluster.random.split();
        this.id = number;
    }

    /** Goes by the id of another node. Before it starts. */
    void useIdOf(int other) {
        id = other;
    }

    /** Has its own id from now on, for which it is started anew if it had another. */
    public void useOwnId() {
        if (id != number) {
            id = number;
            crash();
        }
    }

    public int number() {
        return number;
    }

    /** Its wall clock is that far ahead from now on, of the processes to come too. */
    public void jumpClock(Duration ahead) {
        clock.jump(ahead);
    }

    /** Its wall clock is as it was before it jumped. */
    public void setClockBack() {
        clock.jump(usualAhead);
    }

    public void start() {
        if (process == null) {
            note("start");
            process = new NodeProcess(cluster, number, id, clock, levels, () -> seals, this);
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
            // These mean that the log or its copy is not what it should be.
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

    /** Ends the process at once, as kill -9; another one starts some time later. */
    public void crash() {
        if (process != null) {
            note("crash");
            die();
        }
    }

    /** Its next processes are of the newest version. */
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
        dying.die();
        process = null;
        ready = false;
        cluster.world.schedule(FaultState.between(random, 50, 3000), this::start);
    }

    /** Stops the process for a while, as SIGSTOP and SIGCONT. */
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

    /**
     * Ends the process as SIGTERM does: it finishes what it accepted, as far as the time allows.
     */
    public void terminate(Duration patience) {
        NodeProcess ending = process;
        IngestNode ingest = ending == null ? null : ending.ingest();
        NodeGroups groups = ending == null ? null : ending.groups();
        MetadataReplica replica = ending == null ? null : ending.replica();
        if (ending == null || ingest == null || groups == null || replica == null) {
            return;
        }
        note("terminate");
        ending.loop.execute(() ->
                groups.coordinator()
                        .close()
                        .thenCompose(handedOver -> ingest.drain(patience))
                        .thenCompose(drained -> replica.close())
                        .thenCompose(closed -> ending.leave())
                        .thenAccept(left -> end(ending)));
        // Whoever started it waits no longer than that.
        cluster.world.schedule(patience.plusSeconds(2), () -> end(ending));
    }

    private void end(NodeProcess ending) {
        if (process == ending) {
            note("ended");
            die();
        }
    }

    public void setSeals(NodeProcess.Seals now) {
        seals = now;
    }

    /** The process that runs now; null while none does. */
    @Nullable
    public NodeProcess process() {
        return process;
    }

    /** The process if it serves, or believes that it does. */
    @Nullable
    public NodeProcess serving() {
        return ready ? process : null;
    }

    /** The incarnations that were here and are dead. */
    public List<Long> pastIncarnations() {
        return pastIncarnations;
    }
}
