package io.millrace.storage.stream;

import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * A part of an array that is not written any more. Whoever holds it may read it for as long as it
 * likes; the garbage collector frees the array.
 */
public record Slice(byte[] array, int offset, int length) {

    public Slice {
        Objects.checkFromIndexSize(offset, length, array.length);
    }

    /** A part of this slice; {@code from} counts from this slice's start. */
    public Slice part(int from, int partLength) {
        Objects.checkFromIndexSize(from, partLength, length);
        return new Slice(array, offset + from, partLength);
    }

    /** A read-only view. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(array, offset, length).slice().asReadOnlyBuffer();
    }
}
