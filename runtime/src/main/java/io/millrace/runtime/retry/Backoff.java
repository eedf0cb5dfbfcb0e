package io.millrace.runtime.retry;

import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A policy of exponential back-off: the pause doubles with each failure in a row, up to a maximum.
 * Jitter keeps callers from retrying together. Thread-safe only without jitter.
 */
public final class Backoff {

    private static final int MAX_DOUBLINGS = 20;

    private final long firstNanos;
    private final long maxNanos;
    private final @Nullable RandomGenerator random;

    private Backoff(Duration first, Duration max, @Nullable RandomGenerator random) {
        if (!first.isPositive() || max.compareTo(first) < 0) {
            throw new IllegalArgumentException("back-off from " + first + " to " + max);
        }
        this.firstNanos = first.toNanos();
        this.maxNanos = max.toNanos();
        this.random = random;
    }

    /**
     * Returns a back-off with random pauses between half of the exponential pause and all of it.
     */
    public static Backoff jittered(Duration first, Duration max, RandomGenerator random) {
        return new Backoff(first, max, random);
    }

    public static Backoff exact(Duration first, Duration max) {
        return new Backoff(first, max, null);
    }

    /**
     * Returns the pause before the next attempt.
     *
     * @param failures the number of consecutive failures; values below 1 count as 1
     */
    public Duration pauseAfter(int failures) {
        return Duration.ofNanos(nanosAfter(failures));
    }

    public long nanosAfter(int failures) {
        int doublings = Math.clamp(failures - 1L, 0, MAX_DOUBLINGS);
        long nanos = firstNanos > maxNanos >> doublings ? maxNanos : firstNanos << doublings;
        return random == null ? nanos : nanos / 2 + random.nextLong(nanos / 2 + 1);
    }

    public BackoffSequence sequence() {
        return new BackoffSequence(this);
    }
}
