package io.millrace.simulation.world;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/** The network between clients and nodes, and between nodes. */
public final class Network {

    private static final Duration USUAL = Duration.ofNanos(500_000);

    private final EventLoop world;
    private final FaultState weather;
    private final RandomGenerator random;
    private long connections;

    Network(EventLoop world, FaultState weather, RandomGenerator random) {
        this.world = world;
        this.weather = weather;
        this.random = random;
    }

    public Link connect(NodeProcess process) {
        return new Link(
                process,
                ++connections,
                () -> weather.clientsCutUntil[process.node] > world.nanoTime());
    }

    Link connect(NodeProcess from, NodeProcess to) {
        return new Link(
                to,
                ++connections,
                () ->
                        Math.max(weather.peersCutUntil[from.node], weather.peersCutUntil[to.node])
                                > world.nanoTime());
    }

    /**
     * Returns the time until an end of a connection notices a failure of the other: none if the
     * connection is closed, else a timeout.
     */
    public static Duration notice(RandomGenerator random) {
        return random.nextBoolean()
                ? FaultState.between(random, 20, 200)
                : FaultState.between(random, 200, 12_000);
    }

    /** A connection. Messages arrive in order; after a lost message, no further one arrives. */
    public final class Link {

        public final NodeProcess process;
        public final long id;
        private long lastThere;
        private long lastBack;
        private final BooleanSupplier isCut;
        private boolean broken;

        private Link(NodeProcess process, long id, BooleanSupplier isCut) {
            this.process = process;
            this.id = id;
            this.isCut = isCut;
        }

        /** Returns whether no further message can arrive at or from the node. */
        public boolean isBroken() {
            return broken || process.loop.isDead();
        }

        /** Runs a task at the node, unless the node is dead or unreachable. */
        public void send(Runnable atNode) {
            lastThere = Math.max(lastThere, arrival());
            deliver(lastThere, () -> process.loop.execute(atNode));
        }

        /** Runs a task at the end that opened the connection. */
        public void reply(Runnable atClient) {
            if (!process.loop.isDead()) {
                lastBack = Math.max(lastBack, arrival());
                deliver(lastBack, atClient);
            }
        }

        private long arrival() {
            broken |= weather.messageLost > 0 && random.nextDouble() < weather.messageLost;
            return world.nanoTime() + FaultState.delay(random, USUAL).toNanos();
        }

        private void deliver(long at, Runnable task) {
            world.schedule(
                    Duration.ofNanos(at - world.nanoTime()),
                    () -> {
                        broken |= isCut.getAsBoolean();
                        if (!broken) {
                            task.run();
                        }
                    });
        }
    }
}
