package io.millrace.fetch.disk;

import java.time.Duration;

/**
 * A circuit breaker that suspends use of the disk after a failure, so that readers do not wait
 * repeatedly. Pure; owned by the fetch node's event loop.
 */
final class DiskCircuitBreaker {

    static final Duration PAUSE = Duration.ofSeconds(10);

    private boolean out;
    private long untilNanos;

    boolean isOpen(long nowNanos) {
        return out && nowNanos - untilNanos < 0;
    }

    /** Records a failure. Returns whether the disk worked before. */
    boolean failed(long nowNanos) {
        boolean news = !out;
        out = true;
        untilNanos = nowNanos + PAUSE.toNanos();
        return news;
    }

    /** Records a success. Returns whether the disk failed before. */
    boolean succeeded() {
        boolean news = out;
        out = false;
        return news;
    }
}
