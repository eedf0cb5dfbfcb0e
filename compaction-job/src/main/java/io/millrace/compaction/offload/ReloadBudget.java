package io.millrace.compaction.offload;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.List;

/**
 * How much may come back into memory in a time: a quarter of what should be there, or what is of
 * one partition where that is more. Owned by the loop.
 */
final class ReloadBudget {

    private final EventLoop loop;
    private final long max;
    private final long timeNanos;
    private long sinceNanos;
    private long extents;

    /**
     * @param shouldBeThere so many extents
     */
    ReloadBudget(EventLoop loop, long shouldBeThere, Duration time) {
        this.loop = loop;
        this.max = shouldBeThere / 4;
        this.timeNanos = time.toNanos();
    }

    /** Whether these rows of a partition may come back now; if so, they do. */
    boolean isFor(List<ExtentReloader.Read> rows) {
        long nowNanos = loop.nanoTime();
        if (extents > 0 && nowNanos - sinceNanos >= timeNanos) {
            extents = 0;
        }
        if (extents == 0) {
            sinceNanos = nowNanos;
        }
        long more = rows.stream().mapToLong(read -> read.row().extents()).sum();
        boolean isRoom = extents == 0 || extents + more <= max;
        extents += isRoom ? more : 0;
        return isRoom;
    }
}
