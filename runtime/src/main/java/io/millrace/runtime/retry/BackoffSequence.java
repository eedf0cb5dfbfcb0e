package io.millrace.runtime.retry;

import java.time.Duration;

/** The failures in a row of one operation, and the pauses between its attempts. Not thread-safe. */
public final class BackoffSequence {

    private final Backoff backoff;
    private int failures;

    BackoffSequence(Backoff backoff) {
        this.backoff = backoff;
    }

    /** Counts a failure and returns the pause before the next attempt. */
    public Duration next() {
        failures = Math.addExact(failures, 1);
        return backoff.after(failures);
    }

    /** Begins again with the first pause: the operation succeeded. */
    public void reset() {
        failures = 0;
    }
}
