package io.millrace.fetch;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.stream.Slice;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A position in batches that lie in several slices, and the offsets there. One thread.
 *
 * <p>Where batches do not say where they begin, each begins where the one before ends.
 */
final class SliceCursor {

    private final List<Slice> slices;
    private final boolean hasOffsets;

    /** No batch from here on has offsets below. */
    private long offset;

    private int index;
    private Slice slice;
    private int inSlice;
    private long remaining;
    private int headerAt;

    /**
     * @param baseOffset of the first batch, or one below it if batches say where they begin
     * @param hasOffsets whether they do
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

    /** Bytes from here to the end. */
    long remaining() {
        return remaining;
    }

    /** Whether all of the header is here of the batch that begins here. */
    boolean hasHeader() {
        return remaining >= BatchHeader.BYTES;
    }

    /** Bytes of the batch that begins here: any number, if the bytes are damaged. */
    long batchBytes() {
        byte[] array = header();
        return BatchHeader.sizeBytes(array, headerAt);
    }

    /** The offset behind the last batch before this position. */
    long offset() {
        return offset;
    }

    /** First offset of the batch that begins here: any number, if the bytes are damaged. */
    long baseOffset() {
        if (!hasOffsets) {
            return offset;
        }
        byte[] array = header();
        return BatchHeader.baseOffset(array, headerAt);
    }

    /** Offset behind the batch that begins here: any number, if the bytes are damaged. */
    long endOffset() {
        byte[] array = header();
        return baseOffset() + BatchHeader.lastOffsetDelta(array, headerAt) + 1L;
    }

    /**
     * Whether the batch that begins here can be one of a stretch of an object: whole in it, not
     * before the batches before it, and not behind its end.
     *
     * @param maxBytes to the end of the stretch
     * @param lastOffset the end offset of the stretch
     */
    boolean fits(long maxBytes, long lastOffset) {
        long size = batchBytes();
        long base = baseOffset();
        long end = endOffset();
        return size >= BatchHeader.BYTES
                && size <= Math.min(maxBytes, Integer.MAX_VALUE)
                && base >= offset
                && end > base
                && end <= lastOffset;
    }

    /** Records of the batch that begins here. */
    int recordCount() {
        byte[] array = header();
        return BatchHeader.recordCount(array, headerAt);
    }

    /** Largest timestamp of the batch that begins here. */
    long maxTimestampMs() {
        byte[] array = header();
        return BatchHeader.maxTimestampMs(array, headerAt);
    }

    /** An array that has the header of the batch that begins here at {@link #headerAt}. */
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

    /** The next bytes, without going behind them. */
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

    /** Goes behind the batch that begins here, all of which must be there. */
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
     * Writes the batch that begins here, with its base offset, and goes behind it.
     *
     * @param prefix room for a base offset, used again for each batch
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
