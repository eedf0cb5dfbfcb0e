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
     * @param position the position of the chunk in the object
     * @param length the size of the chunk in bytes
     * @param begun a callback run on any thread when the first byte arrives: the peer is alive,
     *     even if it has to load the chunk
     * @return completes on any thread with the unverified chunk; fails if the peer sent an error or
     *     nothing; cancelling the future ends the call
     */
    CompletableFuture<Chunk> read(
            RegisteredNode peer, ObjectRef object, long position, int length, Runnable begun);
}
