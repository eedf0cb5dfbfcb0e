package io.millrace.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before another try: twice as long after each failure in a row, up to a bound,
 * and then between half of that and all of it at random, so that clients which failed together do
 * not come back together. Owner: the I/O thread, as that of the randomness.
 */
final class Backoff {

    private final Duration first;
    private final Duration longest;
    private final RandomGenerator random;

    Backoff(Duration first, Duration longest, RandomGenerator random) {
        this.first = first;
        this.longest = longest;
        this.random = random;
    }

    /** From 20 ms to a second. */
    static Backoff ofCalls(RandomGenerator random) {
        return new Backoff(Duration.ofMillis(20), Duration.ofSeconds(1), random);
    }

    /** From 100 ms to five seconds. */
    static Backoff ofSearches(RandomGenerator random) {
        return new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5), random);
    }

    /**
     * @param failures how many there were in a row; none counts as one
     */
    Duration after(int failures) {
        int doublings = Math.clamp(failures - 1L, 0, 20);
        long nanos = Math.min(first.toNanos() << doublings, longest.toNanos());
        return Duration.ofNanos(nanos / 2 + random.nextLong(nanos / 2 + 1));
    }
}
