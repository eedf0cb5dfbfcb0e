package io.millrace.storage.stream;

import java.nio.ByteBuffer;
import java.util.Objects;

/** A part of an array that is no longer modified. The holder may retain the slice. */
public record Slice(byte[] array, int offset, int length) {

    public Slice {
        Objects.checkFromIndexSize(offset, length, array.length);
    }

    /** Returns a part that starts at {@code from} in this slice. */
    public Slice part(int from, int partLength) {
        Objects.checkFromIndexSize(from, partLength, length);
        return new Slice(array, offset + from, partLength);
    }

    public ByteBuffer buffer() {
        return ByteBuffer.wrap(array, offset, length).slice().asReadOnlyBuffer();
    }
}
