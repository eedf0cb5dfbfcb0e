package io.millrace.metadata.state.partition;

import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import java.util.Arrays;

/**
 * A column of numbers, 4 bytes each until a number is negative or exceeds 32 bits, then 8 bytes.
 * One owner.
 */
final class LongColumn {

    private static final long[] NARROW = {};

    private int[] ints;

    /** All numbers, after {@link #widen}. */
    private long[] longs = NARROW;

    LongColumn(int capacity) {
        ints = new int[capacity];
    }

    private LongColumn(int[] ints, long[] longs) {
        this.ints = ints;
        this.longs = longs;
    }

    long get(int at) {
        return longs == NARROW ? Integer.toUnsignedLong(ints[at]) : longs[at];
    }

    void set(int at, long value) {
        if (longs == NARROW && value != Integer.toUnsignedLong((int) value)) {
            widen();
        }
        if (longs == NARROW) {
            ints[at] = (int) value;
        } else {
            longs[at] = value;
        }
    }

    private void widen() {
        longs = toLongs(ints.length);
        ints = new int[0];
    }

    private long[] toLongs(int count) {
        if (longs != NARROW) {
            return Arrays.copyOf(longs, count);
        }
        long[] all = new long[count];
        for (int i = 0; i < count; i++) {
            all[i] = Integer.toUnsignedLong(ints[i]);
        }
        return all;
    }

    void grow(int capacity) {
        if (longs == NARROW) {
            ints = Arrays.copyOf(ints, capacity);
        } else {
            longs = Arrays.copyOf(longs, capacity);
        }
    }

    LongColumn copy(int count) {
        return longs == NARROW
                ? new LongColumn(Arrays.copyOf(ints, count), NARROW)
                : new LongColumn(ints, Arrays.copyOf(longs, count));
    }

    void writeTo(SnapshotWriter out, int count) {
        out.putLongs(toLongs(count), count);
    }

    static LongColumn readFrom(SnapshotReader in, int count, int capacity) {
        LongColumn column = new LongColumn(capacity);
        long[] values = in.getLongs(count, count);
        for (int i = 0; i < count; i++) {
            column.set(i, values[i]);
        }
        return column;
    }
}
