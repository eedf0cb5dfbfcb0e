package io.millrace.it.faults;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Lognormal latency, as of real stores: many answers near the median, a few far later.
 *
 * @param p50 the median
 * @param p99 the 99th percentile
 */
public record Latency(Duration p50, Duration p99) {

    /** The 99th percentile of a normal distribution, in standard deviations. */
    private static final double Z99 = 2.3263478740408408;

    public Latency {
        if (p50.compareTo(p99) > 0 || !p50.isPositive()) {
            throw new IllegalArgumentException("p50 is positive and at most p99");
        }
    }

    static Latency ofMillis(long p50, long p99) {
        return new Latency(Duration.ofMillis(p50), Duration.ofMillis(p99));
    }

    /** Returns a random latency. */
    public Duration draw(RandomGenerator random) {
        double sigma = Math.log((double) p99.toNanos() / p50.toNanos()) / Z99;
        return Duration.ofNanos((long) (p50.toNanos() * Math.exp(sigma * random.nextGaussian())));
    }
}
