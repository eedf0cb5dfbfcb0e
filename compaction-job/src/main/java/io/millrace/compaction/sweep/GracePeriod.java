package io.millrace.compaction.sweep;

import java.time.Duration;
import java.util.ArrayDeque;

/**
 * Determines the log entries that were applied at least a grace period ago, so that no node still
 * uses an earlier state. The period of older entries starts with the process. Pure; one owner.
 */
final class GracePeriod {

    private record AppliedEntries(long nanos, long entries) {}

    private final long graceNanos;
    private final ArrayDeque<AppliedEntries> applications = new ArrayDeque<>();
    private long expiredEntries;

    GracePeriod(Duration grace) {
        this.graceNanos = grace.toNanos();
    }

    /** Records the number of applied entries. Called in the order of time. */
    void applied(long entries, long nowNanos) {
        if (applications.isEmpty() || applications.getLast().entries() < entries) {
            applications.add(new AppliedEntries(nowNanos, entries));
        }
    }

    long expiredEntries(long nowNanos) {
        while (!applications.isEmpty()
                && nowNanos - applications.getFirst().nanos() >= graceNanos) {
            expiredEntries = applications.removeFirst().entries();
        }
        return expiredEntries;
    }
}
