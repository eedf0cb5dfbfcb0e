package io.millrace.cli.verify.proof;

import java.util.Arrays;

/**
 * Remembers a fingerprint of the record at each offset, for readers that see different subsets of
 * the records. Keeps every 2nd, 4th... offset as a partition grows, which bounds memory. Not
 * thread-safe.
 */
final class RecordFingerprints {

    private static final int INITIAL_PLACES = 1 << 10;
    static final int MAX_PLACES = 1 << 18;

    /** By offset / stride - base; 0 for no record yet. */
    private int[] places = new int[INITIAL_PLACES];

    private long stride = 1;
    private long base = -1;

    /** Returns false if another record was read at the offset. Remembers the first record. */
    boolean isAsBefore(long offset, long digest) {
        if (base < 0) {
            base = offset;
        }
        if (offset < base || (offset - base) % stride != 0) {
            return true;
        }
        while ((offset - base) / stride >= MAX_PLACES) {
            thinOut();
        }
        if ((offset - base) % stride != 0) {
            return true;
        }
        int place = (int) ((offset - base) / stride);
        if (place >= places.length) {
            places = Arrays.copyOf(places, Math.max(place + 1, 2 * places.length));
        }
        int fingerprint = Math.max(1, (int) (digest >>> 33));
        int before = places[place];
        places[place] = before == 0 ? fingerprint : before;
        return before == 0 || before == fingerprint;
    }

    private void thinOut() {
        int[] fewer = new int[places.length];
        for (int i = 0; 2 * i < places.length; i++) {
            fewer[i] = places[2 * i];
        }
        places = fewer;
        stride *= 2;
    }
}
