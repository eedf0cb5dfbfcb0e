package io.millrace.fetch;

import io.millrace.fetch.metrics.FetchMetrics;

/** The bound on the bytes of replies that are being assembled. Owned by the fetch node's loop. */
final class ReplyBudget {

    /** A reply is rather refused than made smaller than this. */
    private static final long MIN_BYTES = 256 << 10;

    private final FetchMetrics metrics;
    private final long totalBytes;
    private long usedBytes;

    ReplyBudget(long totalBytes, FetchMetrics metrics) {
        this.totalBytes = totalBytes;
        this.metrics = metrics;
    }

    /** Takes so many bytes, or fewer if fewer are left; 0 if that would be too few. */
    int take(int bytes) {
        long left = totalBytes - usedBytes;
        if (left < Math.min(bytes, MIN_BYTES)) {
            return 0;
        }
        int taken = (int) Math.min(bytes, left);
        usedBytes += taken;
        metrics.replyBytes(usedBytes);
        return taken;
    }

    void release(int bytes) {
        usedBytes -= bytes;
        metrics.replyBytes(usedBytes);
    }
}
