package io.millrace.compaction.offload;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.List;

/**
 * A limit of reloaded extents per period: a quarter of the offload threshold, or the ranges of one
 * partition if larger. Owned by the event loop.
 */
final class ReloadBudget {

    private final EventLoop loop;
    private final long max;
    private final long timeNanos;
    private long sinceNanos;
    private long extents;

    /**
     * @param shouldBeThere the offload threshold in extents
     */
    ReloadBudget(EventLoop loop, long shouldBeThere, Duration time) {
        this.loop = loop;
        this.max = shouldBeThere / 4;
        this.timeNanos = time.toNanos();
    }

    /** Takes the extents of a partition's ranges, if the budget suffices. */
    boolean tryTake(List<ExtentReloader.RangeRead> rows) {
        long nowNanos = loop.nanoTime();
        if (extents > 0 && nowNanos - sinceNanos >= timeNanos) {
            extents = 0;
        }
        if (extents == 0) {
            sinceNanos = nowNanos;
        }
        long more = rows.stream().mapToLong(read -> read.range().extents()).sum();
        boolean isRoom = extents == 0 || extents + more <= max;
        extents += isRoom ? more : 0;
        return isRoom;
    }
}
