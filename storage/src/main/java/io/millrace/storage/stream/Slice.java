package io.millrace.storage.stream;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A part of an array that is no longer modified. A holder may read the slice for any time; the
 * garbage collector frees the array.
 */
public record Slice(byte[] array, int offset, int length) {

    public Slice {
        Objects.checkFromIndexSize(offset, length, array.length);
    }

    /**
     * Returns a part of this slice.
     *
     * @param from the start of the part, from the start of this slice
     */
    public Slice part(int from, int partLength) {
        Objects.checkFromIndexSize(from, partLength, length);
        return new Slice(array, offset + from, partLength);
    }

    public ByteBuffer buffer() {
        return ByteBuffer.wrap(array, offset, length).slice().asReadOnlyBuffer();
    }
}
