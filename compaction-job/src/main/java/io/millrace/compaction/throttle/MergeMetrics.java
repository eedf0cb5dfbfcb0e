package io.millrace.compaction.throttle;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** Metrics of merges and key compactions, listed in docs/metrics.md. */
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

    /** Counts a committed segment. */
    public void merged(long objects, long sizeBytes) {
        segments.increment();
        inputs.increment(objects);
        bytes.increment(sizeBytes);
    }

    /** Counts ranges that were rejected because their extents had changed. */
    public void superseded(long rows) {
        superseded.increment(rows);
    }

    /** Counts an attempt that ended early. */
    public void failed() {
        failures.increment();
    }

    /**
     * Counts an object that is missing, damaged, or unreadable while the bucket serves other
     * objects.
     */
    public void damaged() {
        damaged.increment();
    }

    /** Returns the number of damaged objects found since the start of the process. */
    public long damagedObjects() {
        return (long) damaged.count();
    }

    /** Records a delay by the rate limiter. */
    void delayed(long nanos) {
        waits.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counts a key compaction run that completed without conflicts. */
    public void keyCompacted() {
        keyCompactions.increment();
    }
}
