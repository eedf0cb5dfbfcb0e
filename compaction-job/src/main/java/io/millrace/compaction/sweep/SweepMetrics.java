package io.millrace.compaction.sweep;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.DereferencedObjects;
import java.util.List;

/** The meters of the clean-up of the bucket. docs/metrics.md lists them. */
public final class SweepMetrics {

    private final Counter objects;
    private final Counter bytes;
    private final Counter undeleted;
    private final Counter failures;

    public SweepMetrics(MeterRegistry registry) {
        objects = registry.counter("millrace.sweep.deleted");
        bytes = Counter.builder("millrace.sweep.deleted.size").baseUnit("bytes").register(registry);
        undeleted = registry.counter("millrace.sweep.undeleted");
        failures = registry.counter("millrace.sweep.failures");
    }

    /** These are no longer in the bucket. */
    void deleted(List<DereferencedObjects> rows) {
        objects.increment(rows.stream().mapToLong(DereferencedObjects::count).sum());
        bytes.increment(rows.stream().mapToLong(DereferencedObjects::sizeBytes).sum());
    }

    /** An object stays in the bucket, as it cannot be deleted though others can. */
    void undeleted() {
        undeleted.increment();
    }

    /** How many did, as long as this process lives. */
    public long undeletedObjects() {
        return (long) undeleted.count();
    }

    /** A round ended early. */
    void failed() {
        failures.increment();
    }
}
