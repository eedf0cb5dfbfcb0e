package io.millrace.group.timing;

import java.time.Duration;

/**
 * A clock for session timeouts, in ticks; never faster than real time. Stands still while this node
 * may not act as coordinator or the process is suspended, because messages of members may still be
 * unread. Pure: time is passed in. Owned by the metadata's event loop.
 */
public final class PausableClock {

    public static final Duration TICK = Duration.ofMillis(100);

    /** More than the delay of a busy event loop; a longer step is a pause of the process. */
    private static final long MAX_STEP_NANOS = Duration.ofMillis(500).toNanos();

    private long lastNanos;
    private boolean running;
    private long countedNanos;

    public void advance(long nowNanos, boolean mayRun) {
        if (running && mayRun) {
            countedNanos += Math.min(nowNanos - lastNanos, MAX_STEP_NANOS);
        }
        running = mayRun;
        lastNanos = nowNanos;
    }

    public long now() {
        return countedNanos / TICK.toNanos();
    }

    /** Returns the first tick at which at least this time has passed. */
    public long after(Duration time) {
        // The real time may be up to a tick ahead of {@code now()}.
        return now() + 1 + Math.ceilDiv(time.toNanos(), TICK.toNanos());
    }
}
