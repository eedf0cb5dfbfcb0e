package io.millrace.server.node;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.input.RecentObjects;
import java.util.concurrent.CompletableFuture;

/** The compaction role of a node. */
record CompactionRole(Compaction jobs) {

    static CompactionRole open(NodeContext context, RecentObjects recent) {
        return new CompactionRole(
                new Compaction(
                        context.settings(),
                        context.metadata(),
                        context.bucket(),
                        connections ->
                                Buckets.openForMerges(
                                        context.settings(),
                                        context.bucket(),
                                        connections,
                                        context.loop(),
                                        context.workers(),
                                        context.random(),
                                        context.metrics().bucket(),
                                        context.closing()),
                        recent,
                        new CompactionDuties(context.status()::liveNodes),
                        context.memory().mergeBytes(),
                        context.maxExtents(),
                        new LocalProducerLoad(context.metrics().ingest()),
                        context.registry(),
                        context.closing()));
    }

    void start() {
        jobs.start();
    }

    CompletableFuture<CompactionSummary> runOnce() {
        return jobs.runOnce();
    }
}
