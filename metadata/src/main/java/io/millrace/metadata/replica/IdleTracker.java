package io.millrace.metadata.replica;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.OptionalLong;

/**
 * Finds the entry of the log that is older than a retention time, so that items unchanged since
 * then can be deleted. Measures with this process's monotonic clock and starts from zero in each
 * process, so that a wrong wall clock deletes nothing. Owned by the replica's event loop.
 */
final class IdleTracker {

    /** Number of samples of the log's end per retention time. */
    private static final int SAMPLES_PER_LIFE = 64;

    private record LogEndSample(long nanos, long entry) {}

    private final long lifeNanos;
    private final ArrayDeque<LogEndSample> samples = new ArrayDeque<>();

    /**
     * @param life the retention time of unchanged items
     */
    IdleTracker(Duration life) {
        this.lifeNanos = life.toNanos();
    }

    /**
     * Returns an entry if items that did not change after the entry may be deleted. Returns each
     * entry once. Called periodically.
     *
     * @param nowNanos the time of the monotonic clock
     * @param lastEntry the present end of the log
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
