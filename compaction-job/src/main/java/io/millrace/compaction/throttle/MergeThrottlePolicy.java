package io.millrace.compaction.throttle;

import io.millrace.compaction.throttle.ProducerLoad.Load;

/**
 * Chooses the write rate of merges on a node with producers. If all processors are busy, merges
 * slow down while the metadata has room for unmerged extents.
 *
 * <p>If throttling leaves processors idle, merges return to full speed for a while. Owned by its
 * caller.
 */
final class MergeThrottlePolicy {

    /** Processor load from which tasks wait for a processor. */
    static final double BUSY_SHARE = 0.85;

    /** Processor load with spare capacity; between both limits, the state does not change. */
    static final double SPARE_SHARE = 0.7;

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
                        && now.busy() >= (throttled ? SPARE_SHARE : BUSY_SHARE)
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
}
