package io.millrace.storage.object;

/**
 * A range of bytes of an object.
 *
 * @param start the position of the first byte, from 0
 * @param length the number of bytes, at least 1
 */
public record ByteRange(long start, int length) {

    public ByteRange {
        if (start < 0 || length < 1) {
            throw new IllegalArgumentException("not a range: " + length + " bytes from " + start);
        }
    }

    /**
     * Returns a part of this range.
     *
     * @throws IllegalArgumentException if the part is not inside this range
     */
    public ByteRange part(long from, int bytes) {
        ByteRange part = new ByteRange(from, bytes);
        if (from < start || part.end() > end()) {
            throw new IllegalArgumentException(part + " is not in " + this);
        }
        return part;
    }

    /** Returns the position after the last byte. */
    public long end() {
        return start + length;
    }
}
