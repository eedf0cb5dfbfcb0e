package io.millrace.server.health;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;

/** Records when each event loop last ran a task, by one task a second. Any thread. */
public final class LoopHeartbeats {

    private static final long INTERVAL_MILLIS = 1000;

    private final AtomicLongArray lastNanos;
    private final LongSupplier nanoTime;

    /**
     * Starts the heartbeats, which end with the loops.
     *
     * @param loops the loops, one thread each
     */
    public LoopHeartbeats(List<? extends ScheduledExecutorService> loops, LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.lastNanos = new AtomicLongArray(loops.size());
        for (int i = 0; i < loops.size(); i++) {
            int loop = i;
            lastNanos.set(loop, nanoTime.getAsLong());
            var unused =
                    loops.get(loop)
                            .scheduleWithFixedDelay(
                                    () -> lastNanos.set(loop, nanoTime.getAsLong()),
                                    INTERVAL_MILLIS,
                                    INTERVAL_MILLIS,
                                    TimeUnit.MILLISECONDS);
        }
    }

    /** Returns the longest time since a loop last ran a task, apart from the interval. */
    public Duration silence() {
        long now = nanoTime.getAsLong();
        long longest = 0;
        for (int i = 0; i < lastNanos.length(); i++) {
            longest = Math.max(longest, now - lastNanos.get(i));
        }
        return Duration.ofNanos(
                Math.max(0, longest - TimeUnit.MILLISECONDS.toNanos(INTERVAL_MILLIS)));
    }
}
