package io.millrace.compaction.throttle;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** The meters of merging. docs/metrics.md lists them. */
public final class MergeMetrics {

    private final Counter segments;
    private final Counter bytes;
    private final Counter inputs;
    private final Counter superseded;
    private final Counter failures;
    private final Counter damaged;
    private final Counter keyCompactions;
    private final Timer waits;

    public MergeMetrics(MeterRegistry registry) {
        segments = registry.counter("millrace.merge.segments");
        bytes = Counter.builder("millrace.merge.size").baseUnit("bytes").register(registry);
        inputs = registry.counter("millrace.merge.inputs");
        superseded = registry.counter("millrace.merge.superseded");
        failures = registry.counter("millrace.merge.failures");
        damaged = registry.counter("millrace.merge.damaged");
        keyCompactions = registry.counter("millrace.merge.key.compactions");
        waits = registry.timer("millrace.merge.wait");
    }

    /** A segment is in the bucket and in the log. */
    public void merged(long objects, long sizeBytes) {
        segments.increment();
        inputs.increment(objects);
        bytes.increment(sizeBytes);
    }

    /** So many ranges were something else by then. */
    public void superseded(long rows) {
        superseded.increment(rows);
    }

    /** A merge ended early. */
    public void failed() {
        failures.increment();
    }

    /** An object is missing or corrupted, or cannot be read while others can. */
    public void damaged() {
        damaged.increment();
    }

    /** How many were, as long as this process lives. */
    public long damagedObjects() {
        return (long) damaged.count();
    }

    /** Bytes were not written at once, to leave room for others. */
    void waited(long nanos) {
        waits.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** A pass over a compacted topic has ended, and nothing came in its way. */
    public void passed() {
        keyCompactions.increment();
    }
}
