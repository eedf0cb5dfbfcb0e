package io.millrace.runtime.metrics;

import java.time.Duration;

/** The buckets of timers of requests: few, because each method has all of them. */
public final class RequestBuckets {

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30)
    };

    private RequestBuckets() {}

    /** Returns a copy, in rising order. */
    public static Duration[] get() {
        return BUCKETS.clone();
    }
}
