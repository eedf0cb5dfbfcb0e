package io.millrace.metadata.replica;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.OptionalLong;

/**
 * Knows which entry of the log is old enough for what has not changed since to be forgotten. It
 * measures with this process's monotonic clock and begins anew with each process, so that a wrong
 * wall clock forgets nothing. Owned by the replica's loop.
 */
final class IdleTracker {

    /** So many times in a life the log's end is noted. */
    private static final int NOTES = 64;

    private record Note(long nanos, long entry) {}

    private final long lifeNanos;
    private final ArrayDeque<Note> notes = new ArrayDeque<>();

    /**
     * @param life how long something is kept that does not change
     */
    IdleTracker(Duration life) {
        this.lifeNanos = life.toNanos();
    }

    /**
     * To be asked now and then.
     *
     * @param nowNanos of the monotonic clock
     * @param lastEntry the log's end now
     * @return an entry: what did not change after it may be forgotten; once for each
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
