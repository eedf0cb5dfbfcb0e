package io.millrace.client.reader;

import io.millrace.client.error.MillraceException;
import java.time.Duration;

/**
 * Decides when a failure is reported: at once if not retriable, otherwise after an outage of the
 * tolerated time. Owner: the I/O thread.
 */
final class ReadOutage {

    private final Duration tolerated;
    private int consecutiveFailures;
    private long sinceNanos;

    ReadOutage(Duration tolerated) {
        this.tolerated = tolerated;
    }

    int consecutiveFailures() {
        return consecutiveFailures;
    }

    void succeeded() {
        consecutiveFailures = 0;
    }

    /** Returns whether the failure must be reported. */
    boolean failed(MillraceException failure, long nowNanos) {
        if (consecutiveFailures++ == 0) {
            sinceNanos = nowNanos;
        }
        return !failure.retriable() || nowNanos - sinceNanos >= tolerated.toNanos();
    }
}
