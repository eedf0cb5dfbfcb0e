package io.millrace.compaction;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What could not be done, or need not be, and is not to be tried again for ten minutes, or another
 * time. Owned by the loop.
 *
 * @param <T> compared by value
 */
public final class Cooldown<T> {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final EventLoop loop;
    private final long longNanos;

    /** Until when. */
    private final Map<T, Long> until = new HashMap<>();

    public Cooldown(EventLoop loop) {
        this(loop, LONG);
    }

    /**
     * @param time in place of ten minutes
     */
    public Cooldown(EventLoop loop, Duration time) {
        this.loop = loop;
        this.longNanos = time.toNanos();
    }

    /** From now on. */
    public void add(T one) {
        long nowNanos = loop.nanoTime();
        until.values().removeIf(end -> nowNanos - end >= 0);
        until.put(one, nowNanos + longNanos);
    }

    /** Whether it still is. */
    public boolean contains(T one) {
        Long end = until.get(one);
        return end != null && loop.nanoTime() - end < 0;
    }
}
