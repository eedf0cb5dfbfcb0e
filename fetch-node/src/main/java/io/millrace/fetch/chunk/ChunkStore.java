package io.millrace.fetch.chunk;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A store of chunks outside memory that may drop any chunk at any time. Called only on the fetch
 * node's event loop. Never blocks, and never reports its own failures to the caller.
 */
public interface ChunkStore {

    /** A store that keeps nothing. */
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
     * @param length the size of the chunk in bytes
     * @return completes on the event loop, at once if the chunk is not stored, and never fails; a
     *     returned chunk is verified
     */
    CompletableFuture<Optional<Chunk>> read(ChunkKey key, int length);

    /** Offers a verified chunk to the store. */
    void write(ChunkKey key, Chunk chunk);
}
