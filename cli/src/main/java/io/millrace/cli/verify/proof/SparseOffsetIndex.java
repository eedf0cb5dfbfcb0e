package io.millrace.cli.verify.proof;

/**
 * An approximate index from one producer's sequence numbers to offsets, with at most {@link
 * #MAX_SIZE} entries. Not thread-safe.
 */
final class SparseOffsetIndex {

    private static final int MAX_SIZE = 64;

    private final long[] sequences = new long[MAX_SIZE];
    private final long[] offsets = new long[MAX_SIZE];
    private int size;
    private long stride = 1;
    private long added;

    /** Adds a record with a higher sequence and offset than all before. */
    void add(long sequence, long offset) {
        if (added++ % stride != 0) {
            return;
        }
        if (size == MAX_SIZE) {
            size /= 2;
            stride *= 2;
            for (int i = 1; i < size; i++) {
                sequences[i] = sequences[2 * i];
                offsets[i] = offsets[2 * i];
            }
            // The new record fits the doubled stride, as half the capacity is even.
        }
        sequences[size] = sequence;
        offsets[size++] = offset;
    }

    /** Returns a lower bound of a record's offset; -1 if unknown. */
    long offsetLowerBound(long sequence) {
        int at = size - 1;
        while (at >= 0 && sequences[at] > sequence) {
            at--;
        }
        return at < 0 ? -1 : offsets[at];
    }
}
