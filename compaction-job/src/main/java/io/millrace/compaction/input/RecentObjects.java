package io.millrace.compaction.input;

import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.SealedObject;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A source of objects that this process wrote and still has in memory. */
@FunctionalInterface
public interface RecentObjects {

    RecentObjects NONE = id -> CompletableFuture.completedFuture(Optional.empty());

    /**
     * Finds an object; completes on any thread, never exceptionally. Release the object soon,
     * because it occupies memory beyond the limit for recent objects.
     */
    CompletableFuture<Optional<SealedObject>> find(ObjectId id);
}
