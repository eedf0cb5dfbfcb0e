package io.millrace.compaction.sweep;

import java.time.Duration;
import java.util.ArrayDeque;

/**
 * Determines the log entries that were applied at least a grace period ago, so that no node still
 * uses an earlier state. Measures the time in this process only; the period of older entries starts
 * with the process. Pure; one owner.
 */
final class GracePeriod {

    private record Seen(long nanos, long entries) {}

    private final long graceNanos;
    private final ArrayDeque<Seen> seen = new ArrayDeque<>();
    private long over;

    GracePeriod(Duration grace) {
        this.graceNanos = grace.toNanos();
    }

    /** Records the number of applied entries. Called periodically, in the order of time. */
    void applied(long entries, long nowNanos) {
        if (seen.isEmpty() || seen.getLast().entries() < entries) {
            seen.add(new Seen(nowNanos, entries));
        }
    }

    /** Returns the number of entries whose grace period is over. */
    long over(long nowNanos) {
        while (!seen.isEmpty() && nowNanos - seen.getFirst().nanos() >= graceNanos) {
            over = seen.removeFirst().entries();
        }
        return over;
    }
}
