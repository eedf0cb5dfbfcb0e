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

    /** The longest cooldown of {@link #growing}, in units of the first. */
    private static final int MAX_GROWTH = 64;

    private final EventLoop loop;
    private final long timeNanos;
    private final boolean grows;
    private final Map<T, Period> periods = new HashMap<>();

    /** The end is in nanoseconds of the event loop's clock. */
    private record Period(long lengthNanos, long endNanos) {

        /** A growing cooldown is forgotten after as much time again without a new start. */
        boolean isForgotten(long nowNanos, boolean grows) {
            return nowNanos - endNanos >= (grows ? lengthNanos : 0);
        }
    }

    public Cooldown(EventLoop loop) {
        this(loop, DEFAULT_TIME);
    }

    public Cooldown(EventLoop loop, Duration time) {
        this(loop, time, false);
    }

    private Cooldown(EventLoop loop, Duration time, boolean grows) {
        this.loop = loop;
        this.timeNanos = time.toNanos();
        this.grows = grows;
    }

    /**
     * Returns a set in which the cooldown of an item doubles with each start shortly after the end
     * of the last one, up to about ten hours: however many items fail, one after another, there is
     * a time at which all of them are excluded.
     */
    public static <T> Cooldown<T> growing(EventLoop loop) {
        return new Cooldown<>(loop, DEFAULT_TIME, true);
    }

    public void start(T item) {
        long nowNanos = loop.nanoTime();
        periods.values().removeIf(period -> period.isForgotten(nowNanos, grows));
        Period last = periods.get(item);
        long lengthNanos =
                last == null || !grows
                        ? timeNanos
                        : Math.min(2 * last.lengthNanos(), MAX_GROWTH * timeNanos);
        periods.put(item, new Period(lengthNanos, nowNanos + lengthNanos));
    }

    public boolean contains(T item) {
        Period period = periods.get(item);
        return period != null && loop.nanoTime() - period.endNanos() < 0;
    }
}
