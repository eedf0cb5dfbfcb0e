package io.millrace.simulation;

import io.millrace.storage.loop.Loop;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** The way between clients and nodes. */
final class Network {

    private static final Duration USUAL = Duration.ofNanos(500_000);

    private final Loop world;
    private final Weather weather;
    private final RandomGenerator random;
    private long connections;

    Network(Loop world, Weather weather, RandomGenerator random) {
        this.world = world;
        this.weather = weather;
        this.random = random;
    }

    /** Opens a connection to a process. */
    Link connect(NodeProcess process) {
        return new Link(process, ++connections);
    }

    /** A connection: what arrives, arrives in order; once something is lost, nothing does. */
    final class Link {

        final NodeProcess process;
        final long id;
        private long lastThere;
        private long lastBack;
        private boolean broken;

        private Link(NodeProcess process, long id) {
            this.process = process;
            this.id = id;
        }

        /** Runs a task at the node, unless that is dead or cannot be reached. */
        void send(Runnable atNode) {
            lastThere = Math.max(lastThere, arrival());
            deliver(lastThere, () -> process.loop.execute(atNode));
        }

        /** Runs a task at the client. */
        void reply(Runnable atClient) {
            if (!process.loop.isDead()) {
                lastBack = Math.max(lastBack, arrival());
                deliver(lastBack, atClient);
            }
        }

        private long arrival() {
            broken |= weather.messageLost > 0 && random.nextDouble() < weather.messageLost;
            return world.nanoTime() + Weather.delay(random, USUAL).toNanos();
        }

        private void deliver(long at, Runnable task) {
            world.schedule(
                    Duration.ofNanos(at - world.nanoTime()),
                    () -> {
                        broken |= weather.clientsCutUntil[process.node] > world.nanoTime();
                        if (!broken) {
                            task.run();
                        }
                    });
        }
    }
}
