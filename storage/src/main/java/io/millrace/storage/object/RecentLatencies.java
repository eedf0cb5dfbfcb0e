package io.millrace.storage.object;

import java.util.Arrays;

/**
 * The 95th percentile of the last {@link #WINDOW_SIZE} latencies, by size class of a factor of
 * four. Owned by an event loop.
 */
final class RecentLatencies {

    static final int WINDOW_SIZE = 128;
    private static final int MIN_TO_KNOW = 20;
    private static final int BETWEEN_SORTS = 8;

    private final LatencyWindow[] rings = new LatencyWindow[32];

    private static final class LatencyWindow {
        private final long[] nanos = new long[WINDOW_SIZE];
        private long count;
        private long p95Nanos = -1;

        void add(long latencyNanos) {
            nanos[(int) (count++ % WINDOW_SIZE)] = latencyNanos;
            if (count >= MIN_TO_KNOW && count % BETWEEN_SORTS == 0) {
                long[] sorted = Arrays.copyOf(nanos, (int) Math.min(count, WINDOW_SIZE));
                Arrays.sort(sorted);
                p95Nanos = sorted[sorted.length * 95 / 100];
            }
        }
    }

    RecentLatencies() {
        Arrays.setAll(rings, any -> new LatencyWindow());
    }

    private LatencyWindow ring(long sizeBytes) {
        return rings[(63 - Long.numberOfLeadingZeros(sizeBytes | 1)) / 2];
    }

    void add(long sizeBytes, long latencyNanos) {
        ring(sizeBytes).add(latencyNanos);
    }

    /** Returns {@code whileUnknownNanos} if too few calls of the size class were measured. */
    long p95Nanos(long sizeBytes, long whileUnknownNanos) {
        long known = ring(sizeBytes).p95Nanos;
        return known < 0 ? whileUnknownNanos : known;
    }
}
