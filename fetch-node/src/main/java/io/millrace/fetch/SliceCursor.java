package io.millrace.fetch;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.stream.Slice;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A cursor over batches in slices that tracks offsets. Values of damaged headers are arbitrary. Not
 * thread safe.
 *
 * <p>Batches without stored base offsets begin where their predecessors end.
 */
final class SliceCursor {

    private final List<Slice> slices;
    private final boolean hasOffsets;

    /** Lower bound of the offsets of remaining batches. */
    private long offset;

    private int index;
    private Slice slice;
    private int inSlice;
    private long remaining;
    private int headerAt;

    /**
     * Creates a cursor at the first batch.
     *
     * @param baseOffset the base offset of the batch; a lower bound if batches store their base
     *     offsets
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

    long remaining() {
        return remaining;
    }

    boolean hasHeader() {
        return remaining >= BatchHeader.BYTES;
    }

    long batchBytes() {
        byte[] array = header();
        return BatchHeader.sizeBytes(array, headerAt);
    }

    long offset() {
        return offset;
    }

    long baseOffset() {
        if (!hasOffsets) {
            return offset;
        }
        byte[] array = header();
        return BatchHeader.baseOffset(array, headerAt);
    }

    long endOffset() {
        byte[] array = header();
        return baseOffset() + BatchHeader.lastOffsetDelta(array, headerAt) + 1L;
    }

    /**
     * Returns whether the current batch is whole, not below its predecessor, and within the
     * contiguous run.
     *
     * @param maxBytes the number of bytes to the end of the run
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

    /** Returns the {@link io.millrace.protocol.batch.CompressionCodec#id id} of the codec. */
    int compression() {
        byte[] array = header();
        return BatchHeader.compression(array, headerAt);
    }

    /** Returns an array with the current header at {@link #headerAt}. */
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

    /** Returns bytes without moving the cursor. */
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
     * Writes the current batch with its base offset, and moves past the batch.
     *
     * @param prefix a reusable buffer for the base offset
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
