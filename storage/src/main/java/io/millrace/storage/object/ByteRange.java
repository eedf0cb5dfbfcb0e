package io.millrace.storage.object;

/**
 * A part of an object.
 *
 * @param start first byte, from 0
 * @param length number of bytes, at least 1
 */
public record ByteRange(long start, int length) {

    public ByteRange {
        if (start < 0 || length < 1) {
            throw new IllegalArgumentException("not a range: " + length + " bytes from " + start);
        }
    }

    /** The first byte behind the range. */
    public long end() {
        return start + length;
    }
}
