package io.millrace.fetch.disk;

import java.time.Duration;

/**
 * Whether the disk is left alone because it failed: for a while after each failure, so that nobody
 * waits for it again and again. Pure; owned by the fetch node's loop.
 */
final class DiskOutage {

    static final Duration PAUSE = Duration.ofSeconds(10);

    private boolean out;
    private long untilNanos;

    /** Whether nothing should be tried now. */
    boolean pauses(long nowNanos) {
        return out && nowNanos - untilNanos < 0;
    }

    /**
     * Something failed.
     *
     * @return whether that is news
     */
    boolean failed(long nowNanos) {
        boolean news = !out;
        out = true;
        untilNanos = nowNanos + PAUSE.toNanos();
        return news;
    }

    /**
     * Something succeeded.
     *
     * @return whether that is news
     */
    boolean succeeded() {
        boolean news = out;
        out = false;
        return news;
    }
}
