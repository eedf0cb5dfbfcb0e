package io.millrace.client.reader;

import io.millrace.client.error.MillraceException;
import java.time.Duration;

/**
 * The duration of failing calls, and the decision to report a failure: at once if not retriable,
 * otherwise when the outage has lasted the tolerated time. The current time is passed in. Owner:
 * the I/O thread.
 */
final class ReadOutage {

    private final Duration tolerated;
    private int consecutiveFailures;
    private long sinceNanos;

    /**
     * @param tolerated the duration for which retriable failures are not reported
     */
    ReadOutage(Duration tolerated) {
        this.tolerated = tolerated;
    }

    int consecutiveFailures() {
        return consecutiveFailures;
    }

    void succeeded() {
        consecutiveFailures = 0;
    }

    /** Records a failed call. Returns whether the failure must be reported to the caller. */
    boolean failed(MillraceException failure, long nowNanos) {
        if (consecutiveFailures++ == 0) {
            sinceNanos = nowNanos;
        }
        return !failure.retriable() || nowNanos - sinceNanos >= tolerated.toNanos();
    }
}
