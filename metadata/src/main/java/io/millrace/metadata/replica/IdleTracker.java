package io.millrace.metadata.replica;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.OptionalLong;

/**
 * Finds the entry that is older than a retention time, so that items unchanged since then can be
 * deleted. Measures with this process's monotonic clock, so that a wrong wall clock deletes
 * nothing. Owned by the replica's event loop.
 */
final class IdleTracker {

    private static final int SAMPLES_PER_LIFE = 64;

    private record LogEndSample(long nanos, long entry) {}

    private final long lifeNanos;
    private final ArrayDeque<LogEndSample> samples = new ArrayDeque<>();

    IdleTracker(Duration life) {
        this.lifeNanos = life.toNanos();
    }

    /**
     * Returns an entry if items unchanged after it may be deleted; each entry once. Called
     * periodically.
     */
    OptionalLong due(long nowNanos, long lastEntry) {
        if (samples.isEmpty()
                || nowNanos - samples.getLast().nanos() >= lifeNanos / SAMPLES_PER_LIFE) {
            samples.add(new LogEndSample(nowNanos, lastEntry));
        }
        OptionalLong due = OptionalLong.empty();
        while (nowNanos - samples.getFirst().nanos() >= lifeNanos) {
            due = OptionalLong.of(samples.removeFirst().entry());
        }
        return due;
    }
}
