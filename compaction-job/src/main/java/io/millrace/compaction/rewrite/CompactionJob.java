package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.DamagedInput;
import io.millrace.compaction.input.UnreadInput;
import io.millrace.storage.stream.ObjectId;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A planned rewrite of objects: a merge or a key compaction run. Owned by the metadata's event
 * loop.
 */
public interface CompactionJob {

    /** Returns the objects to rewrite, which no other job may use meanwhile. */
    Set<ObjectId> inputs();

    /**
     * Attempts the job; completes with the number of segments written. Fails with {@link
     * DamagedInput} or {@link UnreadInput} if an input cannot be read.
     */
    CompletableFuture<Integer> run(Executor worker, YieldPoint precedence);
}
