package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.DamagedInput;
import io.millrace.compaction.input.UnreadInput;
import io.millrace.storage.stream.ObjectId;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A job: a planned rewrite of some objects, either a merge or a key compaction run. Owned by the
 * metadata's event loop.
 */
public interface CompactionJob {

    /** Returns the objects to rewrite, which no other job may use meanwhile. */
    Set<ObjectId> inputs();

    /**
     * Attempts the job.
     *
     * @param worker the executor for long tasks
     * @param precedence the yield point for long jobs
     * @return completes with the number of segments written; fails with {@link DamagedInput} or
     *     {@link UnreadInput} if an input cannot be read
     */
    CompletableFuture<Integer> run(Executor worker, YieldPoint precedence);
}
