package io.millrace.group.coordinator;

import java.time.Duration;

/**
 * Time as sessions count it, in ticks. It never runs ahead of the clock, and stands still while
 * this node may not speak for its groups, and while it did not get to run: what members sent
 * meanwhile may wait to be read. Pure: it is given the time. Owned by the metadata's loop.
 */
final class PausableClock {

    static final Duration TICK = Duration.ofMillis(100);

    /** More than a busy loop is late; what is longer is a pause of the process. */
    private static final long LONGEST_STEP_NANOS = Duration.ofMillis(500).toNanos();

    private long lastNanos;
    private boolean running;
    private long countedNanos;

    /**
     * Lets time pass.
     *
     * @param mayRun whether this node may speak for its groups
     */
    void advance(long nowNanos, boolean mayRun) {
        if (running && mayRun) {
            countedNanos += Math.min(nowNanos - lastNanos, LONGEST_STEP_NANOS);
        }
        running = mayRun;
        lastNanos = nowNanos;
    }

    /** Ticks that are over. */
    long now() {
        return countedNanos / TICK.toNanos();
    }

    /** The first tick at which at least this time is over from now. */
    long after(Duration time) {
        // Now may be nearly a tick later than it says.
        return now() + 1 + Math.ceilDiv(time.toNanos(), TICK.toNanos());
    }
}
