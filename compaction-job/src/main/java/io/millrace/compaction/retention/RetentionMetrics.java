package io.millrace.compaction.retention;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** The meters of retention. docs/metrics.md lists them. */
public final class RetentionMetrics {

    private final Counter advanced;
    private final Counter failures;

    public RetentionMetrics(MeterRegistry registry) {
        advanced = registry.counter("millrace.retention.advanced");
        failures = registry.counter("millrace.retention.failures");
    }

    /** So many partitions begin later now. */
    void advanced(long partitions) {
        advanced.increment(partitions);
    }

    /** A round ended early. */
    void failed() {
        failures.increment();
    }
}
