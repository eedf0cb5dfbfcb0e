package io.millrace.fetch.chunk;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A place outside of memory that may have chunks, and may forget any of them at any time. Used on
 * the fetch node's loop only; it never blocks, and no trouble of its own is the caller's.
 */
public interface ChunkStore {

    /** Keeps nothing. */
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
     * Looks for a chunk.
     *
     * @param length bytes that the chunk has
     * @return completes on the loop, at once if it is not here, and never with a failure; a chunk
     *     in it is sound
     */
    CompletableFuture<Optional<Chunk>> read(ChunkKey key, int length);

    /** Offers a chunk that is sound. */
    void write(ChunkKey key, Chunk chunk);
}
