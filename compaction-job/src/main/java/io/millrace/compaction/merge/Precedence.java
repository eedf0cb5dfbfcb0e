package io.millrace.compaction.merge;

import java.util.concurrent.CompletableFuture;

/** Lets what is more urgent go before the rest of work that takes long. Any thread. */
interface Precedence {

    /** Nothing is more urgent. */
    Precedence NONE =
            new Precedence() {
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
