package io.millrace.compaction.retention;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** The metrics of retention, listed in docs/metrics.md. */
public final class RetentionMetrics {

    private final Counter advanced;
    private final Counter failures;

    public RetentionMetrics(MeterRegistry registry) {
        advanced = registry.counter("millrace.retention.advanced");
        failures = registry.counter("millrace.retention.failures");
    }

    void advanced(long partitions) {
        advanced.increment(partitions);
    }

    void failed() {
        failures.increment();
    }
}
