package io.millrace.protocol.batch;

import java.util.Objects;

/**
 * A cursor over concatenated batches in an array, initially before the first batch. Not
 * thread-safe.
 *
 * <p>The cursor checks the length fields, but verifies the CRC only on request.
 */
public final class BatchCursor {

    private byte[] array;
    private int end;
    private int next;
    private int position = -1;
    private int sizeBytes;
    private long offsetsBefore;
    private int offsetCount;

    public BatchCursor(byte[] array, int from, int lengthBytes) {
        Objects.checkFromIndexSize(from, lengthBytes, array.length);
        this.array = array;
        this.next = from;
        this.end = from + lengthBytes;
    }

    public void reset(byte[] other, int from, int lengthBytes) {
        Objects.checkFromIndexSize(from, lengthBytes, other.length);
        array = other;
        next = from;
        end = from + lengthBytes;
        position = -1;
        sizeBytes = 0;
        offsetsBefore = 0;
        offsetCount = 0;
    }

    /**
     * Advances to the next batch.
     *
     * @return false, without a change, at the end or before invalid bytes; {@link #remainingBytes}
     *     distinguishes both
     */
    public boolean next() {
        int rest = end - next;
        if (rest < BatchHeader.BYTES
                || BatchHeader.magic(array, next) != BatchHeader.MAGIC
                || BatchHeader.lastOffsetDelta(array, next) < 0
                || BatchHeader.lastOffsetDelta(array, next) == Integer.MAX_VALUE) {
            return false;
        }
        long size = BatchHeader.sizeBytes(array, next);
        if (size < BatchHeader.BYTES || size > rest) {
            return false;
        }
        offsetsBefore += offsetCount;
        position = next;
        sizeBytes = (int) size;
        offsetCount = BatchHeader.offsetCount(array, next);
        next += sizeBytes;
        return true;
    }

    /**
     * Advances to the batch that contains an offset; returns false beyond the last batch.
     *
     * @param offsetDelta relative to the first offset of the first batch; not before the current
     *     batch
     */
    public boolean seek(long offsetDelta) {
        while (position < 0 || offsetsBefore + offsetCount <= offsetDelta) {
            if (!next()) {
                return false;
            }
        }
        return true;
    }

    public int position() {
        return position;
    }

    public int sizeBytes() {
        return sizeBytes;
    }

    public int offsetCount() {
        return offsetCount;
    }

    /** Returns the number of offsets of the preceding batches. */
    public long offsetsBefore() {
        return offsetsBefore;
    }

    public long offsetsThroughCurrent() {
        return offsetsBefore + offsetCount;
    }

    /**
     * Returns the number of bytes after the batch; above 0 after the last batch if other bytes
     * follow.
     */
    public int remainingBytes() {
        return end - next;
    }

    public boolean crcMatches() {
        return BatchHeader.crc(array, position)
                == BatchHeader.computeCrc(array, position, sizeBytes);
    }
}
