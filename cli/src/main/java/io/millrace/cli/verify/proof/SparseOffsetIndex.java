package io.millrace.cli.verify.proof;

/**
 * Roughly at which offsets the records of one producer are: exact while they are few, and thinned
 * out as they become more. Not thread-safe.
 */
final class SparseOffsetIndex {

    private static final int MAX_PLACES = 64;

    private final long[] sequences = new long[MAX_PLACES];
    private final long[] offsets = new long[MAX_PLACES];
    private int places;
    private long stride = 1;
    private long added;

    /** A record, behind all those before in sequence and offset. */
    void add(long sequence, long offset) {
        if (added++ % stride != 0) {
            return;
        }
        if (places == MAX_PLACES) {
            places /= 2;
            stride *= 2;
            for (int i = 1; i < places; i++) {
                sequences[i] = sequences[2 * i];
                offsets[i] = offsets[2 * i];
            }
            // The one that came is an even one of the wider stride, as half of the places is even.
        }
        sequences[places] = sequence;
        offsets[places++] = offset;
    }

    /** An offset that a record is at, or behind; -1 if nothing is known. */
    long notBefore(long sequence) {
        int at = places - 1;
        while (at >= 0 && sequences[at] > sequence) {
            at--;
        }
        return at < 0 ? -1 : offsets[at];
    }
}
