package io.millrace.compaction.rewrite;

import java.util.concurrent.CompletableFuture;

/** A point where a long job yields to more urgent work. Any thread. */
public interface YieldPoint {

    YieldPoint NONE =
            new YieldPoint() {
                @Override
                public CompletableFuture<Void> yieldIfNeeded() {
                    return CompletableFuture.completedFuture(null);
                }
            };

    /**
     * Completes when the job may continue, here or on the metadata's event loop; never fails. To be
     * called where the job holds the least memory.
     */
    CompletableFuture<Void> yieldIfNeeded();
}
