package io.millrace.compaction.offload;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** Metrics of offloading and reloading, listed in docs/metrics.md. */
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

    /** Counts a committed extent manifest. */
    void offloaded(long extents, long rowsThatWereOthers) {
        manifests.increment();
        offloaded.increment(extents);
        superseded.increment(rowsThatWereOthers);
    }

    /** Counts reloaded or reclaimed ranges. */
    void reloaded(long rows) {
        reloaded.increment(rows);
    }

    /**
     * Counts a range that is missing, damaged, or unreadable while the bucket serves other objects.
     */
    void damaged() {
        damaged.increment();
    }

    /** Returns the number of damaged ranges found since the start of the process. */
    public long damagedRanges() {
        return (long) damaged.count();
    }

    /** Sets the number of extents of compacted topics that there is no room for. */
    void withoutRoom(long extents) {
        withoutRoom.set(extents);
    }

    void failed() {
        failures.increment();
    }
}
