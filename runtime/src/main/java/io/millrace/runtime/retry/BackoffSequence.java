package io.millrace.runtime.retry;

import java.time.Duration;

/**
 * A counter of an operation's consecutive failures that yields the pauses between attempts. Not
 * thread-safe.
 */
public final class BackoffSequence {

    private final Backoff backoff;
    private int failures;

    BackoffSequence(Backoff backoff) {
        this.backoff = backoff;
    }

    /** Counts a failure and returns the pause before the next attempt. */
    public Duration nextPause() {
        failures = Math.addExact(failures, 1);
        return backoff.pauseAfter(failures);
    }

    /** Resets the pauses after the operation succeeded. */
    public void reset() {
        failures = 0;
    }
}
