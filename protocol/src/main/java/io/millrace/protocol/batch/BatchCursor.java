package io.millrace.protocol.batch;

import java.util.Objects;

/**
 * A cursor over concatenated batches in a part of an array. Initially before the first batch. Not
 * thread-safe; {@link #reset} moves the cursor to another part.
 *
 * <p>The cursor follows the length fields and checks that the bytes can be a batch. The CRC is
 * verified only on request.
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

    /** Moves the cursor before the first batch of another part. */
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
     * @return false, without a change, if no whole batch follows: at the end, or before invalid
     *     bytes, which {@link #remainingBytes} tells apart
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
     * Advances to the batch that contains an offset.
     *
     * @param offsetDelta the offset relative to the first offset of the first batch; at or after
     *     the start of the current batch
     * @return false if the offset is beyond the last batch
     */
    public boolean seek(long offsetDelta) {
        while (position < 0 || offsetsBefore + offsetCount <= offsetDelta) {
            if (!next()) {
                return false;
            }
        }
        return true;
    }

    /** Returns the position of the batch in the array. */
    public int position() {
        return position;
    }

    /** Returns the size of the batch. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** Returns the number of offsets of the batch. */
    public int offsetCount() {
        return offsetCount;
    }

    /** Returns the number of offsets of the preceding batches. */
    public long offsetsBefore() {
        return offsetsBefore;
    }

    /** Returns the number of offsets of this batch and the preceding batches. */
    public long offsetsThroughCurrent() {
        return offsetsBefore + offsetCount;
    }

    /**
     * Returns the number of bytes after the batch. After the last batch, a number above 0 means
     * that a torn batch or other bytes follow.
     */
    public int remainingBytes() {
        return end - next;
    }

    /** Returns whether the batch's CRC matches its bytes. */
    public boolean crcMatches() {
        return BatchHeader.crc(array, position)
                == BatchHeader.computeCrc(array, position, sizeBytes);
    }
}
