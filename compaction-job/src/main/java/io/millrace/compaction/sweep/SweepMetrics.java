package io.millrace.compaction.sweep;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.metadata.DereferencedObjects;
import java.util.List;

/** The metrics of the sweep, listed in docs/metrics.md. */
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

    void deleted(List<DereferencedObjects> rows) {
        objects.increment(rows.stream().mapToLong(DereferencedObjects::count).sum());
        bytes.increment(rows.stream().mapToLong(DereferencedObjects::sizeBytes).sum());
    }

    /** Counts an object that cannot be deleted although the bucket deletes other objects. */
    void undeleted() {
        undeleted.increment();
    }

    public long undeletedObjects() {
        return (long) undeleted.count();
    }

    void failed() {
        failures.increment();
    }
}
