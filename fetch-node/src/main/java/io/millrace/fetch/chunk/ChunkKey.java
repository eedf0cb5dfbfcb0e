package io.millrace.fetch.chunk;

import io.millrace.storage.stream.ObjectId;

/**
 * The identity of a chunk, independent of the chunk size.
 *
 * @param position the position of the chunk's first byte in the object
 */
public record ChunkKey(ObjectId object, long position) {

    public ChunkKey {
        if (position < 0) {
            throw new IllegalArgumentException("negative position: " + position);
        }
    }
}
