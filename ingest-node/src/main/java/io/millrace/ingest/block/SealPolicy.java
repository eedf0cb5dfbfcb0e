package io.millrace.ingest.block;

import org.jspecify.annotations.Nullable;

/**
 * Decides when a block is sealed, with a linger that adapts to the load. Pure.
 *
 * <ul>
 *   <li>Short at a low rate with no upload in flight, so that a lone producer receives its reply
 *       soon.
 *   <li>Grows with the rate of incoming bytes: full blocks save requests.
 *   <li>Grows with the number of uploads in flight, so that a slow bucket is not overloaded.
 *   <li>With {@link IngestSettings.Profile#LATENCY} and no upload in flight, ends when the block
 *       has as many requests as recently waited at the same time, or when no batch arrives: then
 *       the producers wait for their replies.
 * </ul>
 */
public final class SealPolicy {

    /** The block fills until full or until an upload ends. */
    public static final long NO_TIME_LIMIT = Long.MAX_VALUE;

    private final long targetBytes;
    private final int maxBatches;
    private final long minLingerNanos;
    private final long lingerNanos;
    private final long wholeLingerBytes;
    private final int wholeLingerUploads;
    private final int maxUploads;
    private final boolean sealsIdleBlocks;

    public SealPolicy(IngestSettings settings) {
        this.targetBytes = settings.targetBytes();
        this.maxBatches = settings.maxBatchesPerBlock();
        this.minLingerNanos = settings.minLinger().toNanos();
        this.lingerNanos = settings.linger().toNanos();
        this.wholeLingerBytes = settings.wholeLingerBytes();
        this.wholeLingerUploads = settings.wholeLingerUploads();
        this.maxUploads = settings.maxUploads();
        this.sealsIdleBlocks = settings.profile() == IngestSettings.Profile.LATENCY;
    }

    /** Returns the reason for sealing; null if the block is not full. */
    @Nullable
    public SealReason fullReason(long sizeBytes, int batches) {
        if (sizeBytes >= targetBytes) {
            return SealReason.SIZE;
        }
        return batches >= maxBatches ? SealReason.COUNT : null;
    }

    /**
     * Returns the time that the first batch of a block waits.
     *
     * @param bytesALinger the bytes received within the full linger
     */
    public long lingerNanos(int uploadsInFlight, long bytesALinger) {
        if (uploadsInFlight >= maxUploads) {
            // A sealed block would wait as well, but could not fill meanwhile.
            return NO_TIME_LIMIT;
        }
        int uploads = Math.min(uploadsInFlight, wholeLingerUploads);
        long byUploads =
                minLingerNanos + (lingerNanos - minLingerNanos) * uploads / wholeLingerUploads;
        // Quadratic: at a low rate, waiting costs more time than it saves requests.
        double share =
                bytesALinger >= wholeLingerBytes ? 1 : (double) bytesALinger / wholeLingerBytes;
        return Math.max(byUploads, (long) (lingerNanos * share * share));
    }

    /**
     * Returns the time without a new batch after which a block is sealed before its linger ends.
     */
    public long idleNanos(int uploadsInFlight) {
        return sealsIdleBlocks && uploadsInFlight == 0 ? minLingerNanos : NO_TIME_LIMIT;
    }

    /**
     * Returns whether all producers probably wait for this block, so that it need not wait for
     * them.
     *
     * @param requests the requests in the block
     * @param waitingPeak the most requests that recently waited at the same time
     */
    public boolean hasAllProducers(int uploadsInFlight, int requests, int waitingPeak) {
        return sealsIdleBlocks && uploadsInFlight == 0 && requests >= waitingPeak;
    }

    public SealReason lingerReason(long lingerNanos) {
        return lingerNanos < this.lingerNanos ? SealReason.EARLY : SealReason.LINGER;
    }
}
