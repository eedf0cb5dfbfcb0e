package io.millrace.fetch.chunk;

import io.millrace.storage.stream.ObjectId;

/**
 * Which chunk of which object. It stays the same whatever size chunks have.
 *
 * @param position of its first byte in the object
 */
public record ChunkKey(ObjectId object, long position) {

    public ChunkKey {
        if (position < 0) {
            throw new IllegalArgumentException("negative position: " + position);
        }
    }
}
