package io.millrace.compaction.throttle;

import io.millrace.compaction.throttle.ProducerLoad.Load;

/**
 * How fast merges may write beside the producers of their node. Where all processors have work,
 * what merges take is missing to the producers, and what is not merged now can be merged later, as
 * long as there is room for it. So merges give way, to producers only, and not until it is too
 * much.
 *
 * <p>It may be the merges themselves that keep the processors busy. That shows when they give way:
 * if there is time left then, they take it, and ask again a while later. Owned by its caller.
 */
final class MergeThrottlePolicy {

    /** From this share of the processors on, somebody waits for one. */
    static final double BUSY = 0.85;

    /**
     * Below this share there is time left; between them it may be either, and it stays as it is.
     */
    static final double LEISURE = 0.7;

    /** From this backlog on merges must keep up: producers are slowed down soon. */
    static final double MAX_BACKLOG = 0.5;

    /**
     * Of so many bytes that are produced, one is merged: it costs as much of the processors as to
     * take it in, and twice as much of the disk or the network.
     */
    static final int PRODUCED_FOR_ONE = 16;

    /**
     * As fast they may always be: hardly felt, and the reads that a merge has open do not stand
     * still for so long that they are cut off.
     */
    static final long MIN_BYTES_PER_SECOND = 16 << 20;

    /** For so many looks nobody is asked again. */
    static final int PATIENCE = 5;

    private Load seen;
    private boolean givingWay;
    private int patience;

    MergeThrottlePolicy(Load first) {
        seen = first;
    }

    /**
     * What is right from this look to the next.
     *
     * @param seconds since the look before; more than 0
     * @return {@link Long#MAX_VALUE} for as fast as they can
     */
    long bytesPerSecond(Load now, double seconds) {
        long sent = now.sentBytes() - seen.sentBytes();
        seen = now;
        patience = Math.max(0, patience - 1);
        boolean crowded =
                sent > 0
                        && now.busy() >= (givingWay ? LEISURE : BUSY)
                        && now.backlog() < MAX_BACKLOG;
        if (givingWay && !crowded) {
            patience = PATIENCE;
        }
        givingWay = crowded && patience == 0;
        return givingWay
                ? Math.max(MIN_BYTES_PER_SECOND, (long) (sent / seconds / PRODUCED_FOR_ONE))
                : Long.MAX_VALUE;
    }
}
