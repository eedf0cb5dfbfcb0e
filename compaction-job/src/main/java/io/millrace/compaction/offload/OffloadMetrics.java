package io.millrace.compaction.offload;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of what leaves memory and comes back. docs/metrics.md lists them. */
public final class OffloadMetrics {

    private final Counter manifests;
    private final Counter offloaded;
    private final Counter superseded;
    private final Counter reloaded;
    private final Counter damaged;
    private final Counter failures;
    private final AtomicLong withoutRoom = new AtomicLong();

    public OffloadMetrics(MeterRegistry registry) {
        manifests = registry.counter("millrace.offload.manifests");
        offloaded = registry.counter("millrace.offload.extents");
        superseded = registry.counter("millrace.offload.superseded");
        reloaded = registry.counter("millrace.offload.reloaded");
        damaged = registry.counter("millrace.offload.damaged");
        failures = registry.counter("millrace.offload.failures");
        registry.gauge("millrace.offload.reload.deferred", withoutRoom);
    }

    /** A manifest is in the bucket and in the log. */
    void offloaded(long extents, long rowsThatWereOthers) {
        manifests.increment();
        offloaded.increment(extents);
        superseded.increment(rowsThatWereOthers);
    }

    /** So many rows came back, or were let go of. */
    void reloaded(long rows) {
        reloaded.increment(rows);
    }

    /** A row of a manifest is missing or corrupted, or cannot be read while others can. */
    void damaged() {
        damaged.increment();
    }

    /** How many were, as long as this process lives. */
    public long damagedRows() {
        return (long) damaged.count();
    }

    /** So many extents of compacted topics do not come back now. */
    void withoutRoom(long extents) {
        withoutRoom.set(extents);
    }

    /** A round ended early. */
    void failed() {
        failures.increment();
    }
}
