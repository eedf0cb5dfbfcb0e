package io.millrace.simulation;

import java.time.Duration;
import java.util.SplittableRandom;

/**
 * Lets one node after another hear nothing of what is new for nearly the time of grace, at which
 * the others merge, trim and delete around it. Some of them cannot ask either.
 */
final class Lags {

    private final Cluster cluster;
    private final SplittableRandom random;
    private boolean over;

    Lags(Cluster cluster) {
        this.cluster = cluster;
        this.random = cluster.random.split();
    }

    void start() {
        later(Weather.between(random, 500, 3000));
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
        Duration time = cluster.grace.grace().minus(Weather.between(random, 50, 400));
        long until = cluster.world.nanoTime() + time.toNanos();
        cluster.trace.note(cluster.world.nanoTime(), "lags", node, time.toMillis(), 0);
        cluster.weather.watchesHeldUntil[node] = until;
        if (random.nextBoolean()) {
            cluster.weather.repliesCutUntil[node] = until;
        }
        later(time.plus(Weather.between(random, 50, 1500)));
    }

    /** No node lags from now on. */
    void end() {
        over = true;
    }
}
