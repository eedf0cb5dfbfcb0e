package io.millrace.compaction.offload;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** The metrics of offloading and reloading, listed in docs/metrics.md. */
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

    void offloaded(long extents, long rowsThatWereOthers) {
        manifests.increment();
        offloaded.increment(extents);
        superseded.increment(rowsThatWereOthers);
    }

    void reloaded(long rows) {
        reloaded.increment(rows);
    }

    void damaged() {
        damaged.increment();
    }

    public long damagedRanges() {
        return (long) damaged.count();
    }

    /** Sets the number of extents without room for a reload. */
    void withoutRoom(long extents) {
        withoutRoom.set(extents);
    }

    void failed() {
        failures.increment();
    }
}
