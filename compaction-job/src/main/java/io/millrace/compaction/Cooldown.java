package io.millrace.compaction;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * A set of failed or settled items that are not retried before their cooldown ends, after ten
 * minutes by default. Owned by the event loop.
 *
 * @param <T> item type, compared by value
 */
public final class Cooldown<T> {

    private static final Duration LONG = Duration.ofMinutes(10);

    private final EventLoop loop;
    private final long longNanos;

    /** End of each cooldown, in nanoseconds of the event loop's clock. */
    private final Map<T, Long> until = new HashMap<>();

    public Cooldown(EventLoop loop) {
        this(loop, LONG);
    }

    /**
     * @param time length of a cooldown
     */
    public Cooldown(EventLoop loop, Duration time) {
        this.loop = loop;
        this.longNanos = time.toNanos();
    }

    public void add(T one) {
        long nowNanos = loop.nanoTime();
        until.values().removeIf(end -> nowNanos - end >= 0);
        until.put(one, nowNanos + longNanos);
    }

    public boolean contains(T one) {
        Long end = until.get(one);
        return end != null && loop.nanoTime() - end < 0;
    }
}
