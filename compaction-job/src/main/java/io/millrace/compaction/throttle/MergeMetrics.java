package io.millrace.compaction.throttle;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/** The metrics of merges and key compactions, listed in docs/metrics.md. */
public final class MergeMetrics {

    private final Counter segments;
    private final Counter bytes;
    private final Counter inputs;
    private final Counter superseded;
    private final Counter failures;
    private final Counter damaged;
    private final Counter keyCompactions;
    private final Timer waits;
    private final LongTaskTimer active;

    public MergeMetrics(MeterRegistry registry) {
        segments = registry.counter("millrace.merge.segments");
        bytes = Counter.builder("millrace.merge.size").baseUnit("bytes").register(registry);
        inputs = registry.counter("millrace.merge.inputs");
        superseded = registry.counter("millrace.merge.superseded");
        failures = registry.counter("millrace.merge.failures");
        damaged = registry.counter("millrace.merge.damaged");
        keyCompactions = registry.counter("millrace.merge.key.compactions");
        waits = registry.timer("millrace.merge.wait");
        active = LongTaskTimer.builder("millrace.merge.active").register(registry);
    }

    public void merged(long objects, long sizeBytes) {
        segments.increment();
        inputs.increment(objects);
        bytes.increment(sizeBytes);
    }

    public void superseded(long rows) {
        superseded.increment(rows);
    }

    public void failed() {
        failures.increment();
    }

    public void damaged() {
        damaged.increment();
    }

    public long damagedObjects() {
        return (long) damaged.count();
    }

    /** Starts to time a job, until the returned sample is stopped. */
    public LongTaskTimer.Sample started() {
        return active.start();
    }

    void delayed(long nanos) {
        waits.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counts a run that completed without conflicts. */
    public void keyCompacted() {
        keyCompactions.increment();
    }
}
