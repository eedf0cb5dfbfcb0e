package io.millrace.compaction.rewrite;

import java.util.concurrent.CompletableFuture;

/** Lets what is more urgent go before the rest of work that takes long. Any thread. */
public interface YieldPoint {

    /** Nothing is more urgent. */
    YieldPoint NONE =
            new YieldPoint() {
                @Override
                public CompletableFuture<Void> give() {
                    return CompletableFuture.completedFuture(null);
                }
            };

    /**
     * To be asked where the work holds as little memory as it ever does.
     *
     * @return completes when the work may go on, here or on the metadata's loop; never fails
     */
    CompletableFuture<Void> give();
}
