package io.millrace.simulation.world;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * What a node takes for the time of day. It may be wrong, and jump, while all that measures how
 * long something lasts goes on undisturbed.
 */
final class WallClock implements InstantSource {

    private final SimulatedCluster cluster;
    private Duration ahead;

    /**
     * @param ahead of the true time; negative if behind it
     */
    WallClock(SimulatedCluster cluster, Duration ahead) {
        this.cluster = cluster;
        this.ahead = ahead;
        cluster.clocks.areAhead(ahead);
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(cluster.wallMs()).plus(ahead);
    }

    /** From now on it is that far ahead of the true time; negative for behind. */
    void jump(Duration toAhead) {
        ahead = toAhead;
        cluster.clocks.areAhead(toAhead);
    }
}
