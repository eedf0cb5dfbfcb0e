package io.millrace.client.reader;

import io.millrace.client.error.MillraceException;
import java.time.Duration;

/**
 * How long calls to a server have failed, and whether that must be said: at once if another try is
 * of no use, else when it has lasted long. It is told what time it is. Owner: the I/O thread.
 */
final class ReadOutage {

    private final Duration tolerated;
    private int failuresInARow;
    private long sinceNanos;

    /**
     * @param tolerated how long failures that are worth another try are kept to itself
     */
    ReadOutage(Duration tolerated) {
        this.tolerated = tolerated;
    }

    int failuresInARow() {
        return failuresInARow;
    }

    /** A call went well. */
    void over() {
        failuresInARow = 0;
    }

    /** A call failed. Returns whether the caller must learn it. */
    boolean failed(MillraceException failure, long nowNanos) {
        if (failuresInARow++ == 0) {
            sinceNanos = nowNanos;
        }
        return !failure.retriable() || nowNanos - sinceNanos >= tolerated.toNanos();
    }
}
