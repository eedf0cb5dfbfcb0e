package io.millrace.runtime.trace;

import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Decides which requests are traced: those whose caller records the trace, and a share of the
 * requests without a trace. Traces at most {@link #MAX_PER_SECOND} requests a second, because a
 * caller can mark all of its requests. Owned by one event loop.
 */
public final class TraceSampler {

    /** The maximum number of traced requests a second; further requests are not traced. */
    public static final int MAX_PER_SECOND = 500;

    private static final long SECOND_NANOS = 1_000_000_000L;

    private final double ratio;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;
    private long secondBeganNanos;
    private int sampledInSecond;

    /**
     * @param ratio the share of the requests without a trace that start a trace, 0 to 1
     * @param nanoTime the clock of the event loop
     */
    public TraceSampler(double ratio, RandomGenerator random, LongSupplier nanoTime) {
        this.ratio = ratio;
        this.random = random;
        this.nanoTime = nanoTime;
        this.secondBeganNanos = nanoTime.getAsLong();
    }

    /**
     * Returns whether a request is traced.
     *
     * @param caller the trace context of the request
     */
    public boolean samples(Optional<TraceContext> caller) {
        boolean wanted =
                caller.map(TraceContext::sampled)
                        .orElseGet(() -> ratio > 0 && random.nextDouble() < ratio);
        return wanted && isBelowLimit();
    }

    private boolean isBelowLimit() {
        long now = nanoTime.getAsLong();
        if (now - secondBeganNanos >= SECOND_NANOS) {
            secondBeganNanos = now;
            sampledInSecond = 0;
        }
        return sampledInSecond++ < MAX_PER_SECOND;
    }
}
