package io.millrace.server.node;

import io.millrace.compaction.CompactionDuties;
import io.millrace.compaction.input.RecentObjects;
import java.util.concurrent.CompletableFuture;

/** Compaction role of a node. */
record CompactionRole(Compaction jobs) {

    /**
     * @param recent the objects that this node has in memory
     */
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

    /** Runs the jobs periodically from now on. */
    void start() {
        jobs.start();
    }

    /** Runs each job once, as far as work is due. */
    CompletableFuture<CompactionSummary> runOnce() {
        return jobs.runOnce();
    }
}
