package io.millrace.simulation.fault;

import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Withholds all events of the log from one node at a time, for nearly the grace period. Some
 * lagging nodes cannot reach etcd either.
 */
public final class LagInjector {

    private final SimulatedCluster cluster;
    private final SplittableRandom random;
    private boolean ended;

    public LagInjector(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.random = cluster.random.split();
    }

    public void start() {
        scheduleNext(FaultState.between(random, 500, 3000));
    }

    private void scheduleNext(Duration pause) {
        cluster.world.schedule(
                pause,
                () -> {
                    if (!ended) {
                        lag(random.nextInt(cluster.nodes.size()));
                    }
                });
    }

    private void lag(int node) {
        Duration time = cluster.grace.minGracePeriod().minus(FaultState.between(random, 50, 400));
        long until = cluster.world.nanoTime() + time.toNanos();
        cluster.trace.note(cluster.world.nanoTime(), "lags", node, time.toMillis(), 0);
        cluster.faults.watchesHeldUntil[node] = until;
        if (random.nextBoolean()) {
            cluster.faults.repliesCutUntil[node] = until;
        }
        scheduleNext(time.plus(FaultState.between(random, 50, 1500)));
    }

    public void end() {
        ended = true;
    }
}
