package io.millrace.simulation.fault;

import io.millrace.simulation.world.FaultState;
import io.millrace.simulation.world.SimulatedCluster;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Lets one node after another hear nothing of what is new for nearly the time of grace, at which
 * the others merge, trim and delete around it. Some of them cannot ask either.
 */
public final class LagInjector {

    private final SimulatedCluster cluster;
    private final SplittableRandom random;
    private boolean over;

    public LagInjector(SimulatedCluster cluster) {
        this.cluster = cluster;
        this.random = cluster.random.split();
    }

    public void start() {
        later(FaultState.between(random, 500, 3000));
    }

    private void later(Duration pause) {
        cluster.world.schedule(
                pause,
                () -> {
                    if (!over) {
                        lag(random.nextInt(cluster.nodes.size()));
                    }
                });
    }

    private void lag(int node) {
        Duration time = cluster.grace.grace().minus(FaultState.between(random, 50, 400));
        long until = cluster.world.nanoTime() + time.toNanos();
        cluster.trace.note(cluster.world.nanoTime(), "lags", node, time.toMillis(), 0);
        cluster.weather.watchesHeldUntil[node] = until;
        if (random.nextBoolean()) {
            cluster.weather.repliesCutUntil[node] = until;
        }
        later(time.plus(FaultState.between(random, 50, 1500)));
    }

    /** No node lags from now on. */
    public void end() {
        over = true;
    }
}
