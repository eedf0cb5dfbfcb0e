package io.millrace.simulation.world;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A node's wall clock, which may be wrong and may jump. */
final class WallClock implements InstantSource {

    private final SimulatedCluster cluster;
    private Duration ahead;
    private Duration maxAhead;

    /**
     * @param ahead negative if the clock is slow
     */
    WallClock(SimulatedCluster cluster, Duration ahead) {
        this.cluster = cluster;
        this.ahead = ahead;
        this.maxAhead = ahead;
        cluster.clocks.widenTo(ahead);
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(cluster.wallMs()).plus(ahead);
    }

    Duration maxAhead() {
        return maxAhead;
    }

    void setAhead(Duration toAhead) {
        ahead = toAhead;
        maxAhead = toAhead.compareTo(maxAhead) > 0 ? toAhead : maxAhead;
        cluster.clocks.widenTo(toAhead);
    }
}
