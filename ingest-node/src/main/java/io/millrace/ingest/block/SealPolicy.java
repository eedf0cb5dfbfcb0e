package io.millrace.ingest.block;

import org.jspecify.annotations.Nullable;

/**
 * When a block is sealed. The linger adapts: a block waits briefly while little comes and nothing
 * is being uploaded, so that a lone producer gets its answer soon; the longer the more comes, so
 * that requests become fewer where each has much to carry, however fast the bucket answers; and the
 * longer the more uploads are in flight, so that a bucket that is slow does not get more of them
 * than it bears. Pure.
 */
public final class SealPolicy {

    /** Not by time: the block fills until it is full or an upload ends. */
    public static final long NO_LINGER_ENDS = Long.MAX_VALUE;

    private final long targetBytes;
    private final int maxBatches;
    private final long minLingerNanos;
    private final long lingerNanos;
    private final long wholeLingerBytes;
    private final int wholeLingerUploads;
    private final int maxUploads;

    public SealPolicy(IngestSettings settings) {
        this.targetBytes = settings.targetBytes();
        this.maxBatches = settings.maxBatchesPerBlock();
        this.minLingerNanos = settings.minLinger().toNanos();
        this.lingerNanos = settings.linger().toNanos();
        this.wholeLingerBytes = settings.wholeLingerBytes();
        this.wholeLingerUploads = settings.wholeLingerUploads();
        this.maxUploads = settings.maxUploads();
    }

    /** Why a block is full; null if it is not. */
    @Nullable
    public SealReason fullBecause(long sizeBytes, int batches) {
        if (sizeBytes >= targetBytes) {
            return SealReason.SIZE;
        }
        return batches >= maxBatches ? SealReason.COUNT : null;
    }

    /**
     * How long the first batch of a block waits.
     *
     * @param bytesALinger that come in within the whole linger
     */
    public long lingerNanos(int uploadsInFlight, long bytesALinger) {
        if (uploadsInFlight >= maxUploads) {
            // Sealed it would wait all the same, and could not fill meanwhile.
            return NO_LINGER_ENDS;
        }
        int uploads = Math.min(uploadsInFlight, wholeLingerUploads);
        long byUploads =
                minLingerNanos + (lingerNanos - minLingerNanos) * uploads / wholeLingerUploads;
        // By the square: where little comes, waiting would cost more time than it saves requests.
        double share =
                bytesALinger >= wholeLingerBytes ? 1 : (double) bytesALinger / wholeLingerBytes;
        return Math.max(byUploads, (long) (lingerNanos * share * share));
    }

    /** Why a block is sealed whose first batch waited for so long. */
    public SealReason waitedBecause(long lingerNanos) {
        return lingerNanos < this.lingerNanos ? SealReason.EARLY : SealReason.LINGER;
    }
}
