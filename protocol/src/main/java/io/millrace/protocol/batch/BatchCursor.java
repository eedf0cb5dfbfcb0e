package io.millrace.protocol.batch;

import java.util.Objects;

/**
 * Walks batches that lie one behind the other in a part of an array. Starts before the first one.
 * Not thread-safe; may be pointed at another part by {@link #reset}.
 *
 * <p>It follows the length fields and looks whether what it meets can be a batch at all; it checks
 * the CRC only when asked.
 */
public final class BatchCursor {

    private byte[] array;
    private int end;
    private int next;
    private int at = -1;
    private int sizeBytes;
    private long offsetsBefore;
    private int offsetCount;

    public BatchCursor(byte[] array, int from, int lengthBytes) {
        Objects.checkFromIndexSize(from, lengthBytes, array.length);
        this.array = array;
        this.next = from;
        this.end = from + lengthBytes;
    }

    /** Points the cursor before the first batch of another part. */
    public void reset(byte[] other, int from, int lengthBytes) {
        Objects.checkFromIndexSize(from, lengthBytes, other.length);
        array = other;
        next = from;
        end = from + lengthBytes;
        at = -1;
        sizeBytes = 0;
        offsetsBefore = 0;
        offsetCount = 0;
    }

    /**
     * Goes to the next batch.
     *
     * @return false, and nothing changes, if no whole batch follows: at the end, or before bytes
     *     that are none ({@link #restBytes} tells)
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
        at = next;
        sizeBytes = (int) size;
        offsetCount = BatchHeader.offsetCount(array, next);
        next += sizeBytes;
        return true;
    }

    /**
     * Goes forward to the batch that holds an offset.
     *
     * @param offsetDelta the offset, less that of the first batch's first record; not before the
     *     batch at which the cursor stands
     * @return false if the batches end before
     */
    public boolean seek(long offsetDelta) {
        while (at < 0 || offsetsBefore + offsetCount <= offsetDelta) {
            if (!next()) {
                return false;
            }
        }
        return true;
    }

    /** Where the batch begins in the array. */
    public int at() {
        return at;
    }

    /** Bytes of the batch. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** Number of offsets of the batch. */
    public int offsetCount() {
        return offsetCount;
    }

    /** Number of offsets of the batches before it. */
    public long offsetsBefore() {
        return offsetsBefore;
    }

    /** Number of offsets of this batch and of those before it. */
    public long offsetsUntilHere() {
        return offsetsBefore + offsetCount;
    }

    /** Bytes behind the batch; not 0 after the last one if it is followed by a torn one or none. */
    public int restBytes() {
        return end - next;
    }

    /** Whether the batch's bytes have the CRC that is written on it. */
    public boolean crcMatches() {
        return BatchHeader.crc(array, at) == BatchHeader.computeCrc(array, at, sizeBytes);
    }
}
