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

    /**
     * A part of this range.
     *
     * @throws IllegalArgumentException if it is not all in it
     */
    public ByteRange part(long from, int bytes) {
        ByteRange part = new ByteRange(from, bytes);
        if (from < start || part.end() > end()) {
            throw new IllegalArgumentException(part + " is not in " + this);
        }
        return part;
    }

    /** The first byte behind the range. */
    public long end() {
        return start + length;
    }
}
