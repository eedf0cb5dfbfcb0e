package io.millrace.compaction.input;

import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.SealedObject;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Objects written by this process that are still in memory and need not be read from the bucket.
 */
@FunctionalInterface
public interface RecentObjects {

    RecentObjects NONE = id -> CompletableFuture.completedFuture(Optional.empty());

    /**
     * Finds an object in memory.
     *
     * @return completes on any thread, never exceptionally; to be released soon, because a held
     *     object occupies memory beyond the limit for recent objects
     */
    CompletableFuture<Optional<SealedObject>> find(ObjectId id);
}
