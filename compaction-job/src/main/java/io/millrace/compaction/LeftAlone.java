package io.millrace.compaction;

import io.millrace.storage.loop.Loop;
import java.util.HashMap;
import java.util.Map;

/**
 * What could not be done, or need not be, and is not to be tried again for ten minutes. Owned by
 * the loop.
 *
 * @param <T> compared by value
 */
public final class LeftAlone<T> {

    private static final long LONG_NANOS = 600_000_000_000L;

    private final Loop loop;

    /** Until when. */
    private final Map<T, Long> until = new HashMap<>();

    public LeftAlone(Loop loop) {
        this.loop = loop;
    }

    /** From now on. */
    public void add(T one) {
        long nowNanos = loop.nanoTime();
        until.values().removeIf(end -> nowNanos - end >= 0);
        until.put(one, nowNanos + LONG_NANOS);
    }

    /** Whether it still is. */
    public boolean contains(T one) {
        Long end = until.get(one);
        return end != null && loop.nanoTime() - end < 0;
    }
}
