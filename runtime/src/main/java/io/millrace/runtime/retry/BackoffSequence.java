package io.millrace.runtime.retry;

import java.time.Duration;

/** A counter of consecutive failures with the pauses between attempts. Not thread-safe. */
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

    public void reset() {
        failures = 0;
    }
}
