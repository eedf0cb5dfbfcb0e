package io.millrace.fetch;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.stream.Slice;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A cursor over batches stored in several slices, which keeps track of offsets. Not thread safe.
 *
 * <p>If batches do not store their base offsets, each begins where its predecessor ends.
 */
final class SliceCursor {

    private final List<Slice> slices;
    private final boolean hasOffsets;

    /** Lower bound of the offsets of all remaining batches. */
    private long offset;

    private int index;
    private Slice slice;
    private int inSlice;
    private long remaining;
    private int headerAt;

    /**
     * Creates a cursor at the first batch.
     *
     * @param baseOffset the base offset of the first batch, or a lower bound of it if batches store
     *     their base offsets
     * @param hasOffsets whether batches store their base offsets
     */
    SliceCursor(List<Slice> slices, long baseOffset, boolean hasOffsets) {
        this.slices = slices;
        this.offset = baseOffset;
        this.hasOffsets = hasOffsets;
        for (int i = 0; i < slices.size(); i++) {
            remaining += slices.get(i).length();
        }
        slice = slices.isEmpty() ? new Slice(new byte[0], 0, 0) : slices.getFirst();
    }

    /** Returns the number of bytes from the cursor to the end. */
    long remaining() {
        return remaining;
    }

    /** Returns whether the header of the current batch is complete. */
    boolean hasHeader() {
        return remaining >= BatchHeader.BYTES;
    }

    /** Returns the size in bytes of the current batch; arbitrary if the bytes are damaged. */
    long batchBytes() {
        byte[] array = header();
        return BatchHeader.sizeBytes(array, headerAt);
    }

    /** Returns the offset after the previous batch. */
    long offset() {
        return offset;
    }

    /** Returns the base offset of the current batch; arbitrary if the bytes are damaged. */
    long baseOffset() {
        if (!hasOffsets) {
            return offset;
        }
        byte[] array = header();
        return BatchHeader.baseOffset(array, headerAt);
    }

    /** Returns the offset after the current batch; arbitrary if the bytes are damaged. */
    long endOffset() {
        byte[] array = header();
        return baseOffset() + BatchHeader.lastOffsetDelta(array, headerAt) + 1L;
    }

    /**
     * Returns whether the current batch is valid in a contiguous run: whole, not below the previous
     * batch, and not beyond the end offset.
     *
     * @param maxBytes the number of bytes to the end of the run
     * @param lastOffset the end offset of the run
     */
    boolean isBatchWithin(long maxBytes, long lastOffset) {
        long size = batchBytes();
        long base = baseOffset();
        long end = endOffset();
        return size >= BatchHeader.BYTES
                && size <= Math.min(maxBytes, Integer.MAX_VALUE)
                && base >= offset
                && end > base
                && end <= lastOffset;
    }

    int recordCount() {
        byte[] array = header();
        return BatchHeader.recordCount(array, headerAt);
    }

    long maxTimestampMs() {
        byte[] array = header();
        return BatchHeader.maxTimestampMs(array, headerAt);
    }

    /** Returns an array that holds the header of the current batch at {@link #headerAt}. */
    private byte[] header() {
        if (inSlice + BatchHeader.BYTES <= slice.length()) {
            headerAt = slice.offset() + inSlice;
            return slice.array();
        }
        byte[] gathered = new byte[BatchHeader.BYTES];
        int at = 0;
        for (Slice part : next(BatchHeader.BYTES)) {
            System.arraycopy(part.array(), part.offset(), gathered, at, part.length());
            at += part.length();
        }
        headerAt = 0;
        return gathered;
    }

    /** Returns the next bytes without moving the cursor. */
    List<Slice> next(int bytes) {
        List<Slice> next = new ArrayList<>();
        int at = inSlice;
        int left = bytes;
        for (int i = index; left > 0; i++) {
            Slice here = slices.get(i);
            int length = Math.min(left, here.length() - at);
            if (length > 0) {
                next.add(here.part(at, length));
            }
            left -= length;
            at = 0;
        }
        return next;
    }

    /** Moves past the current batch, which must be complete. */
    void skipBatch() {
        offset = endOffset();
        skip((int) batchBytes());
    }

    private void skip(int bytes) {
        remaining -= bytes;
        inSlice += bytes;
        while (inSlice >= slice.length() && index + 1 < slices.size()) {
            inSlice -= slice.length();
            slice = slices.get(++index);
        }
    }

    /**
     * Writes the current batch with its base offset set and moves past the batch.
     *
     * @param prefix a buffer for the base offset, reused for each batch
     */
    void writeBatch(OutputStream out, byte[] prefix) throws IOException {
        int left = (int) batchBytes() - prefix.length;
        long end = endOffset();
        BatchHeader.setBaseOffset(prefix, 0, baseOffset());
        out.write(prefix, 0, prefix.length);
        skip(prefix.length);
        offset = end;
        while (left > 0) {
            int here = Math.min(left, slice.length() - inSlice);
            out.write(slice.array(), slice.offset() + inSlice, here);
            skip(here);
            left -= here;
        }
    }
}
