package io.millrace.fetch.zone;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.metadata.membership.RegisteredNode;
import io.millrace.storage.stream.ObjectRef;
import java.util.concurrent.CompletableFuture;

/** How a fetch node asks another one for a chunk. */
public interface PeerReads {

    /**
     * Asks for a chunk. Called on the fetch node's loop; never blocks.
     *
     * @param position of the chunk's first byte in the object
     * @param begun is run, on any thread, when the first byte of the answer is here: the peer is
     *     there and at work, even if it has to load the chunk itself
     * @return completes on any thread with what the peer sent, unchecked; fails if it sent
     *     something else or nothing; cancelling it ends the call
     */
    CompletableFuture<Chunk> read(
            RegisteredNode peer, ObjectRef object, long position, int length, Runnable begun);
}
