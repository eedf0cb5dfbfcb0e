package io.millrace.server.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.ingest.commit.IngestMetrics;
import io.millrace.server.grpc.call.CallMetrics;
import io.millrace.storage.object.StorageMetrics;

/** Metrics that several roles share or that the usage report reads. */
record NodeMetrics(
        MeterRegistry registry,
        TaskMetrics tasks,
        CallMetrics calls,
        StorageMetrics bucket,
        IngestMetrics ingest,
        FetchMetrics fetch) {

    static NodeMetrics of(MeterRegistry registry) {
        return new NodeMetrics(
                registry,
                new TaskMetrics(registry),
                new CallMetrics(registry),
                new StorageMetrics(registry),
                new IngestMetrics(registry),
                new FetchMetrics(registry));
    }
}
