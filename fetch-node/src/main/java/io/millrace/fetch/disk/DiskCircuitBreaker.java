package io.millrace.fetch.disk;

import java.time.Duration;

/**
 * A circuit breaker for the disk. Suspends use of the disk for a while after each failure, so that
 * readers do not wait for a broken disk repeatedly. Pure; owned by the fetch node's event loop.
 */
final class DiskCircuitBreaker {

    static final Duration PAUSE = Duration.ofSeconds(10);

    private boolean out;
    private long untilNanos;

    /** Returns whether the disk must not be used now. */
    boolean isOpen(long nowNanos) {
        return out && nowNanos - untilNanos < 0;
    }

    /**
     * Records a failure.
     *
     * @return whether the disk worked before
     */
    boolean failed(long nowNanos) {
        boolean news = !out;
        out = true;
        untilNanos = nowNanos + PAUSE.toNanos();
        return news;
    }

    /**
     * Records a success.
     *
     * @return whether the disk failed before
     */
    boolean succeeded() {
        boolean news = out;
        out = false;
        return news;
    }
}
