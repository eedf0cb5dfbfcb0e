package io.millrace.fetch.zone;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.storage.stream.ObjectRef;
import java.util.concurrent.CompletableFuture;

/** Requests chunks from other fetch nodes. */
public interface PeerReads {

    /**
     * Requests a chunk. Called on the fetch node's event loop; never blocks.
     *
     * @param begun a callback, run on any thread when the first byte arrives
     * @return the unverified chunk, on any thread; fails without a chunk; cancelling the future
     *     ends the call
     */
    CompletableFuture<Chunk> read(
            RegisteredNode peer, ObjectRef object, long position, int length, Runnable begun);
}
