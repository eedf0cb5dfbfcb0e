package io.millrace.simulation.world;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/** The network between clients and nodes, and between nodes. */
public final class Network {

    private static final Duration USUAL = Duration.ofNanos(500_000);

    private final EventLoop world;
    private final FaultState faults;
    private final RandomGenerator random;
    private long connections;

    Network(EventLoop world, FaultState weather, RandomGenerator random) {
        this.world = world;
        this.faults = weather;
        this.random = random;
    }

    public Link connect(NodeProcess process) {
        return new Link(
                process,
                ++connections,
                () -> faults.clientsCutUntil[process.node] > world.nanoTime());
    }

    Link connect(NodeProcess from, NodeProcess to) {
        return new Link(
                to,
                ++connections,
                () ->
                        Math.max(faults.peersCutUntil[from.node], faults.peersCutUntil[to.node])
                                > world.nanoTime());
    }

    /** Returns the time until an end notices a failure: short after a close, else a timeout. */
    public static Duration detectionDelay(RandomGenerator random) {
        return random.nextBoolean()
                ? FaultState.between(random, 20, 200)
                : FaultState.between(random, 200, 12_000);
    }

    /** A connection. Messages arrive in order; after a lost message, no further message arrives. */
    public final class Link {

        public final NodeProcess process;
        public final long id;
        private long lastArrivalAtNode;
        private long lastArrivalAtClient;
        private final BooleanSupplier isCut;
        private boolean broken;

        private Link(NodeProcess process, long id, BooleanSupplier isCut) {
            this.process = process;
            this.id = id;
            this.isCut = isCut;
        }

        public boolean isBroken() {
            return broken || process.loop.isDead();
        }

        public void send(Runnable atNode) {
            lastArrivalAtNode = Math.max(lastArrivalAtNode, arrival());
            deliver(lastArrivalAtNode, () -> process.loop.execute(atNode));
        }

        public void reply(Runnable atClient) {
            if (!process.loop.isDead()) {
                lastArrivalAtClient = Math.max(lastArrivalAtClient, arrival());
                deliver(lastArrivalAtClient, atClient);
            }
        }

        private long arrival() {
            broken |= faults.messageLost > 0 && random.nextDouble() < faults.messageLost;
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
