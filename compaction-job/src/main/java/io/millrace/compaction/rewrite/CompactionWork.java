package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.DamagedInput;
import io.millrace.compaction.input.UnreadInput;
import io.millrace.storage.stream.ObjectId;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** The rewriting of some objects, which is due. Owned by the metadata's loop. */
public interface CompactionWork {

    /** What is rewritten, on which nobody else is to work meanwhile. */
    Set<ObjectId> inputs();

    /**
     * Does it.
     *
     * @param worker for what takes long
     * @param precedence is given now and then by what takes long as a whole
     * @return completes with the number of segments written; fails with {@link DamagedInput} or
     *     {@link UnreadInput} where an input cannot be read
     */
    CompletableFuture<Integer> run(Executor worker, YieldPoint precedence);
}
