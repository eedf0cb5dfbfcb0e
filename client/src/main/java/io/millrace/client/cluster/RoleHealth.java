package io.millrace.client.cluster;

import io.millrace.runtime.retry.Backoff;
import java.time.Duration;

/**
 * The health of a node in a role: a reachable node may be cut off from its dependencies. After 3 s
 * of failures the node is set aside for a pause, which doubles each time. After a pause a single
 * failure is enough. Owner: the I/O thread.
 */
final class RoleHealth {

    static final long SET_ASIDE_AFTER_NANOS = 3_000_000_000L;

    private static final Backoff PAUSES =
            Backoff.exact(Duration.ofSeconds(10), Duration.ofSeconds(320));

    private boolean failing;
    private long failingSinceNanos;
    private int timesAside;
    private long asideUntilNanos;

    void succeeded() {
        failing = false;
        timesAside = 0;
    }

    boolean isHealthy() {
        return !failing && timesAside == 0;
    }

    /** Returns whether the failures have lasted too long. */
    boolean failed(long nowNanos) {
        if (!failing) {
            failing = true;
            failingSinceNanos = nowNanos;
        }
        return !isSetAside(nowNanos)
                && (timesAside > 0 || nowNanos - failingSinceNanos >= SET_ASIDE_AFTER_NANOS);
    }

    void setAside(long nowNanos) {
        asideUntilNanos = nowNanos + PAUSES.nanosAfter(++timesAside);
    }

    boolean isSetAside(long nowNanos) {
        return timesAside > 0 && nowNanos - asideUntilNanos < 0;
    }
}
