package io.millrace.compaction.throttle;

import io.millrace.compaction.throttle.ProducerLoad.Load;

/**
 * Chooses the write rate of merges on a node with producers. If less than about one processor is
 * idle, merges slow down while the metadata has room for unmerged extents: on few processors, tasks
 * of producers wait for those of merges long before all processors are busy.
 *
 * <p>If throttling leaves processors idle, merges return to full speed for a while. Owned by its
 * caller.
 */
final class MergeThrottlePolicy {

    /** Number of idle processors below which tasks wait for a processor. */
    static final double BUSY_IDLE_PROCESSORS = 0.8;

    /** Number of idle processors with spare capacity; between both, the state does not change. */
    static final double SPARE_IDLE_PROCESSORS = 1.2;

    /** Load of a machine of any size from which tasks wait for a processor. */
    static final double BUSY_SHARE = 0.85;

    /** Load of a machine of any size with spare capacity. */
    static final double SPARE_SHARE = 0.7;

    /** Lower limits, for machines with one processor. */
    private static final double MIN_BUSY_SHARE = 0.4;

    private static final double MIN_SPARE_SHARE = 0.3;

    /** Backlog from which merges are not throttled, because producers will be slowed down soon. */
    static final double MAX_BACKLOG = 0.5;

    /**
     * Merging a byte takes about as much processor time as receiving a byte, and twice the
     * bandwidth.
     */
    static final int PRODUCED_BYTES_PER_MERGED = 16;

    /** Hardly noticeable for producers, and fast enough to keep idle reads connected. */
    static final long MIN_BYTES_PER_SECOND = 16 << 20;

    /** Number of updates at full speed after throttling left spare capacity. */
    static final int FULL_SPEED_UPDATES = 5;

    private Load previous;
    private boolean throttled;
    private int fullSpeedUpdates;

    MergeThrottlePolicy(Load first) {
        previous = first;
    }

    /**
     * Returns the rate until the next update, {@link Long#MAX_VALUE} for no limit.
     *
     * @param seconds time since the last update; more than 0
     */
    long bytesPerSecond(Load now, double seconds) {
        long sent = now.sentBytes() - previous.sentBytes();
        previous = now;
        fullSpeedUpdates = Math.max(0, fullSpeedUpdates - 1);
        boolean crowded =
                sent > 0
                        && now.busy() >= (throttled ? spareShare(now) : busyShare(now))
                        && now.backlog() < MAX_BACKLOG;
        if (throttled && !crowded) {
            fullSpeedUpdates = FULL_SPEED_UPDATES;
        }
        throttled = crowded && fullSpeedUpdates == 0;
        return throttled
                ? Math.max(
                        MIN_BYTES_PER_SECOND, (long) (sent / seconds / PRODUCED_BYTES_PER_MERGED))
                : Long.MAX_VALUE;
    }

    private static double busyShare(Load now) {
        return Math.clamp(1 - BUSY_IDLE_PROCESSORS / now.processors(), MIN_BUSY_SHARE, BUSY_SHARE);
    }

    private static double spareShare(Load now) {
        return Math.clamp(
                1 - SPARE_IDLE_PROCESSORS / now.processors(), MIN_SPARE_SHARE, SPARE_SHARE);
    }
}
