package io.millrace.fetch;

import io.millrace.storage.stream.Slice;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A position in bytes that lie in several slices. One thread. */
final class SliceCursor {

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private final List<Slice> slices;
    private int index;
    private Slice slice;
    private int inSlice;
    private long remaining;

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

    /** The big-endian number so many bytes ahead; it must lie before the end. */
    int intAt(int ahead) {
        int at = inSlice + ahead;
        if (at + Integer.BYTES <= slice.length()) {
            return (int) INT.get(slice.array(), slice.offset() + at);
        }
        int value = 0;
        for (int i = 0; i < Integer.BYTES; i++) {
            value = value << 8 | byteAt(ahead + i) & 0xff;
        }
        return value;
    }

    /** The big-endian number so many bytes ahead; it must lie before the end. */
    long longAt(int ahead) {
        return (long) intAt(ahead) << 32 | intAt(ahead + Integer.BYTES) & 0xffffffffL;
    }

    private byte byteAt(int ahead) {
        int at = inSlice + ahead;
        int in = index;
        while (at >= slices.get(in).length()) {
            at -= slices.get(in).length();
            in++;
        }
        Slice other = slices.get(in);
        return other.array()[other.offset() + at];
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
