package io.millrace.compaction;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * A set of items that are excluded until their cooldown ends, after ten minutes by default. Owned
 * by the event loop.
 */
public final class Cooldown<T> {

    private static final Duration DEFAULT_TIME = Duration.ofMinutes(10);

    private final EventLoop loop;
    private final long timeNanos;

    /** In nanoseconds of the event loop's clock. */
    private final Map<T, Long> ends = new HashMap<>();

    public Cooldown(EventLoop loop) {
        this(loop, DEFAULT_TIME);
    }

    public Cooldown(EventLoop loop, Duration time) {
        this.loop = loop;
        this.timeNanos = time.toNanos();
    }

    public void start(T one) {
        long nowNanos = loop.nanoTime();
        ends.values().removeIf(end -> nowNanos - end >= 0);
        ends.put(one, nowNanos + timeNanos);
    }

    public boolean contains(T one) {
        Long end = ends.get(one);
        return end != null && loop.nanoTime() - end < 0;
    }
}
