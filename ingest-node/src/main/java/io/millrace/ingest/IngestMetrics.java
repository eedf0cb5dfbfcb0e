package io.millrace.ingest;

import io.micrometer.core.instrument.MeterRegistry;

/** The meters of an ingest node. */
public final class IngestMetrics {

    private final MeterRegistry registry;

    public IngestMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    MeterRegistry registry() {
        return registry;
    }
}
