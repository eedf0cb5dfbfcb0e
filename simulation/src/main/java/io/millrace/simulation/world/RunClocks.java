package io.millrace.simulation.world;

import io.millrace.simulation.invariant.CompactedLogModel;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/** The bounds of the wall clocks in a run: of all nodes, and of the node of an incarnation. */
final class RunClocks implements CompactedLogModel.Clocks {

    private final LongSupplier trueMs;
    private final List<SimulatedNode> nodes;
    private long minAheadMs;
    private long maxAheadMs;

    RunClocks(LongSupplier trueMs, List<SimulatedNode> nodes) {
        this.trueMs = trueMs;
        this.nodes = nodes;
    }

    void widenTo(Duration ahead) {
        minAheadMs = Math.min(minAheadMs, ahead.toMillis());
        maxAheadMs = Math.max(maxAheadMs, ahead.toMillis());
    }

    @Override
    public long nowMs() {
        return trueMs.getAsLong();
    }

    @Override
    public long earliest(long timeMs) {
        return timeMs + minAheadMs;
    }

    @Override
    public long latest(long timeMs) {
        return timeMs + maxAheadMs;
    }

    @Override
    public long latestNowMs(long incarnation) {
        long ahead =
                nodes.stream()
                        .filter(node -> node.hasOrHad(incarnation))
                        .mapToLong(node -> node.maxAhead().toMillis())
                        .findFirst()
                        .orElse(maxAheadMs);
        return nowMs() + ahead;
    }
}
