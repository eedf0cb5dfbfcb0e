package io.millrace.fetch;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.stream.Slice;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** A position in batches that lie in several slices. One thread. */
final class SliceCursor {

    private final List<Slice> slices;
    private int index;
    private Slice slice;
    private int inSlice;
    private long remaining;
    private int headerAt;

    SliceCursor(List<Slice> slices) {
        this.slices = slices;
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

    /** Offsets that the batch takes that begins here: any number, if the bytes are damaged. */
    long offsetCount() {
        byte[] array = header();
        return BatchHeader.lastOffsetDelta(array, headerAt) + 1L;
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

    /** Goes so many bytes forward, at most to the end. */
    void skip(int bytes) {
        remaining -= bytes;
        inSlice += bytes;
        while (inSlice >= slice.length() && index + 1 < slices.size()) {
            inSlice -= slice.length();
            slice = slices.get(++index);
        }
    }

    /** Writes the next bytes and goes behind them. */
    void writeTo(OutputStream out, int bytes) throws IOException {
        int left = bytes;
        while (left > 0) {
            int here = Math.min(left, slice.length() - inSlice);
            out.write(slice.array(), slice.offset() + inSlice, here);
            skip(here);
            left -= here;
        }
    }
}
