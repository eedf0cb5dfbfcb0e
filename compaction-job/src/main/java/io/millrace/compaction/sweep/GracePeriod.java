package io.millrace.compaction.sweep;

import java.time.Duration;
import java.util.ArrayDeque;

/**
 * Tells which entries of the log were applied so long ago that nobody still acts by what was before
 * them. It goes by the time of this process alone: what it does not remember begins anew. Pure; one
 * owner.
 */
final class GracePeriod {

    private record Seen(long nanos, long entries) {}

    private final long graceNanos;
    private final ArrayDeque<Seen> seen = new ArrayDeque<>();
    private long over;

    GracePeriod(Duration grace) {
        this.graceNanos = grace.toNanos();
    }

    /** So many entries are applied now. To be called now and then, in the order of time. */
    void applied(long entries, long nowNanos) {
        if (seen.isEmpty() || seen.getLast().entries() < entries) {
            seen.add(new Seen(nowNanos, entries));
        }
    }

    /** The number of entries whose time is over. */
    long over(long nowNanos) {
        while (!seen.isEmpty() && nowNanos - seen.getFirst().nanos() >= graceNanos) {
            over = seen.removeFirst().entries();
        }
        return over;
    }
}
