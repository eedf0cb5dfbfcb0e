package io.millrace.compaction.rewrite;

import java.util.concurrent.CompletableFuture;

/** Point where a long job yields to more urgent work. Any thread. */
public interface YieldPoint {

    YieldPoint NONE =
            new YieldPoint() {
                @Override
                public CompletableFuture<Void> yieldIfNeeded() {
                    return CompletableFuture.completedFuture(null);
                }
            };

    /**
     * Yields. To be called where the job holds the least memory.
     *
     * @return completes when the job may continue, here or on the metadata's event loop; never
     *     fails
     */
    CompletableFuture<Void> yieldIfNeeded();
}
