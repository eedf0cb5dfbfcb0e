package io.millrace.server.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.ingest.commit.IngestMetrics;
import io.millrace.storage.object.StorageMetrics;

/** The metrics of a node that more than one of its roles, or an answer about its use, reads. */
record NodeMetrics(
        MeterRegistry registry, StorageMetrics bucket, IngestMetrics ingest, FetchMetrics fetch) {

    static NodeMetrics of(MeterRegistry registry) {
        return new NodeMetrics(
                registry,
                new StorageMetrics(registry),
                new IngestMetrics(registry),
                new FetchMetrics(registry));
    }
}
