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
    private static final int NOTES = 64;

    private record Note(long nanos, long entry) {}

    private final long lifeNanos;
    private final ArrayDeque<Note> notes = new ArrayDeque<>();

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
        if (notes.isEmpty() || nowNanos - notes.getLast().nanos() >= lifeNanos / NOTES) {
            notes.add(new Note(nowNanos, lastEntry));
        }
        OptionalLong due = OptionalLong.empty();
        while (nowNanos - notes.getFirst().nanos() >= lifeNanos) {
            due = OptionalLong.of(notes.removeFirst().entry());
        }
        return due;
    }
}
