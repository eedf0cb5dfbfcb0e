package io.millrace.client.cluster;

import io.millrace.runtime.retry.Backoff;
import java.time.Duration;

/**
 * What a client knows of a node's doing its work in one role. A node that is there may be cut off
 * from what it works with, and then answers nothing but failures that are worth another try: once
 * that has lasted, it is set aside for a while, which doubles while it goes on. After that while
 * one more failure is enough. It is told what time it is. Owner: the I/O thread.
 */
final class RoleHealth {

    /** So long a node may do nothing but fail. */
    static final long PATIENCE_NANOS = 3_000_000_000L;

    private static final Backoff PAUSES =
            Backoff.exact(Duration.ofSeconds(10), Duration.ofSeconds(320));

    private boolean failing;
    private long failingSinceNanos;
    private int timesAside;
    private long asideUntilNanos;

    /** It did what it was asked to. */
    void succeeded() {
        failing = false;
        timesAside = 0;
    }

    /** Whether it did its work when it was last asked, as far as is known. */
    boolean isSound() {
        return !failing && timesAside == 0;
    }

    /** It did not. Returns whether that has lasted too long. */
    boolean failed(long nowNanos) {
        if (!failing) {
            failing = true;
            failingSinceNanos = nowNanos;
        }
        return !isAside(nowNanos)
                && (timesAside > 0 || nowNanos - failingSinceNanos >= PATIENCE_NANOS);
    }

    /** Leaves it in peace for a while. */
    void setAside(long nowNanos) {
        asideUntilNanos = nowNanos + PAUSES.nanosAfter(++timesAside);
    }

    boolean isAside(long nowNanos) {
        return timesAside > 0 && nowNanos - asideUntilNanos < 0;
    }
}
