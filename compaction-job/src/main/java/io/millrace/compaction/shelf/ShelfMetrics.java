package io.millrace.compaction.shelf;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of what leaves memory and comes back. docs/metrics.md lists them. */
public final class ShelfMetrics {

    private final Counter manifests;
    private final Counter shelved;
    private final Counter superseded;
    private final Counter recalled;
    private final Counter damaged;
    private final Counter failures;
    private final AtomicLong withoutRoom = new AtomicLong();

    public ShelfMetrics(MeterRegistry registry) {
        manifests = registry.counter("millrace.shelf.manifests");
        shelved = registry.counter("millrace.shelf.extents");
        superseded = registry.counter("millrace.shelf.superseded");
        recalled = registry.counter("millrace.shelf.recalled");
        damaged = registry.counter("millrace.shelf.damaged");
        failures = registry.counter("millrace.shelf.failures");
        registry.gauge("millrace.shelf.without.room", withoutRoom);
    }

    /** A manifest is in the bucket and in the log. */
    void shelved(long extents, long rowsThatWereOthers) {
        manifests.increment();
        shelved.increment(extents);
        superseded.increment(rowsThatWereOthers);
    }

    /** So many rows came back, or were let go of. */
    void recalled(long rows) {
        recalled.increment(rows);
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
