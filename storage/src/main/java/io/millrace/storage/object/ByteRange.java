package io.millrace.storage.object;

/**
 * A range of bytes of an object.
 *
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
     * @throws IllegalArgumentException if the part exceeds this range
     */
    public ByteRange part(long from, int bytes) {
        ByteRange part = new ByteRange(from, bytes);
        if (from < start || part.end() > end()) {
            throw new IllegalArgumentException(part + " is not in " + this);
        }
        return part;
    }

    public long end() {
        return start + length;
    }
}
