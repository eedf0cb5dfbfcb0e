package io.millrace.fetch.chunk;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A store of chunks that may drop any chunk at any time. Called only on the fetch node's event
 * loop. Never blocks and never reports failures.
 */
public interface ChunkStore {

    ChunkStore NONE =
            new ChunkStore() {
                @Override
                public CompletableFuture<Optional<Chunk>> read(ChunkKey key, int length) {
                    return CompletableFuture.completedFuture(Optional.empty());
                }

                @Override
                public void write(ChunkKey key, Chunk chunk) {}
            };

    /**
     * Reads a chunk.
     *
     * @return a verified chunk, if stored; completes on the event loop, at once if not stored, and
     *     never fails
     */
    CompletableFuture<Optional<Chunk>> read(ChunkKey key, int length);

    /** Offers a verified chunk to the store. */
    void write(ChunkKey key, Chunk chunk);
}
