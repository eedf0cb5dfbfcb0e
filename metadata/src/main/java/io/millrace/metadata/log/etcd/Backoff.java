package io.millrace.metadata.log.etcd;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses that grow with each failure in a row, spread by chance so that nodes that failed together
 * do not come back together ("full jitter" with a floor of half).
 */
final class Backoff {

    private final long firstNanos;
    private final long longestNanos;
    private final RandomGenerator random;
    private int failures;

    Backoff(Duration first, Duration longest, RandomGenerator random) {
        this.firstNanos = first.toNanos();
        this.longestNanos = longest.toNanos();
        this.random = random;
    }

    Duration next() {
        long most = Math.min(longestNanos, firstNanos << Math.min(failures, 20));
        failures++;
        return Duration.ofNanos(most / 2 + random.nextLong(most / 2 + 1));
    }

    void succeeded() {
        failures = 0;
    }
}
