package io.millrace.compaction.input;

import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.SealedObject;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Objects that this process wrote and still has in memory, so that they need not be read again. */
@FunctionalInterface
public interface RecentObjects {

    /** There are none. */
    RecentObjects NONE = id -> CompletableFuture.completedFuture(Optional.empty());

    /**
     * The object, if it is here now.
     *
     * @return completes on any thread, never exceptionally; not to be held for long, as what is
     *     held is memory beyond what was set apart for such objects
     */
    CompletableFuture<Optional<SealedObject>> find(ObjectId id);
}
