package io.millrace.client.cluster;

import io.millrace.runtime.retry.Backoff;
import java.time.Duration;

/**
 * Health of a node in one role. A reachable node may be cut off from its dependencies and then
 * return only retriable failures. After 3 s of failures the node is set aside for a pause, which
 * doubles each time. After a pause a single failure is enough. The current time is passed in.
 * Owner: the I/O thread.
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

    /** Returns whether the last known request succeeded. */
    boolean isHealthy() {
        return !failing && timesAside == 0;
    }

    /** Records a failure. Returns whether the failures have lasted too long. */
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
