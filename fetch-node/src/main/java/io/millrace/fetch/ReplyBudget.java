package io.millrace.fetch;

import io.millrace.fetch.metrics.FetchMetrics;

/** Bounds the bytes of all replies being assembled. Owned by the fetch node's event loop. */
final class ReplyBudget {

    /** Minimum size of a reply. With less room, the fetch is rejected. */
    private static final long MIN_BYTES = 256 << 10;

    private final FetchMetrics metrics;
    private final long totalBytes;
    private long usedBytes;

    ReplyBudget(long totalBytes, FetchMetrics metrics) {
        this.totalBytes = totalBytes;
        this.metrics = metrics;
    }

    /** Reserves up to {@code bytes}; returns 0 if the remainder is too small. */
    int reserve(int bytes) {
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
