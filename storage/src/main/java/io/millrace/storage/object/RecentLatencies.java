package io.millrace.storage.object;

import java.util.Arrays;

/**
 * The 95th percentile of the last {@link #KEPT} latencies of one operation, for each class of
 * sizes: a class is four times as large as the one before. Owned by a loop.
 */
final class RecentLatencies {

    static final int KEPT = 128;
    private static final int MIN_TO_KNOW = 20;
    private static final int BETWEEN_SORTS = 8;

    private final Ring[] rings = new Ring[32];

    private static final class Ring {
        private final long[] nanos = new long[KEPT];
        private long count;
        private long p95Nanos = -1;

        void add(long latencyNanos) {
            nanos[(int) (count++ % KEPT)] = latencyNanos;
            if (count >= MIN_TO_KNOW && count % BETWEEN_SORTS == 0) {
                long[] sorted = Arrays.copyOf(nanos, (int) Math.min(count, KEPT));
                Arrays.sort(sorted);
                p95Nanos = sorted[sorted.length * 95 / 100];
            }
        }
    }

    RecentLatencies() {
        Arrays.setAll(rings, any -> new Ring());
    }

    private Ring ring(long sizeBytes) {
        return rings[(63 - Long.numberOfLeadingZeros(sizeBytes | 1)) / 2];
    }

    void add(long sizeBytes, long latencyNanos) {
        ring(sizeBytes).add(latencyNanos);
    }

    /** The percentile, or the other value while too few calls of this size are known. */
    long p95Nanos(long sizeBytes, long whileUnknownNanos) {
        long known = ring(sizeBytes).p95Nanos;
        return known < 0 ? whileUnknownNanos : known;
    }
}
