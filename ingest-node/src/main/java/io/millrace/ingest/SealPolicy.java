package io.millrace.ingest;

import org.jspecify.annotations.Nullable;

/**
 * When a block is sealed. The linger adapts: a block waits briefly while nothing is being uploaded,
 * so that a lone producer gets its answer soon, and the longer the more uploads are in flight, so
 * that under load blocks fill and requests become fewer. Pure.
 */
final class SealPolicy {

    /** Not by time: the block fills until it is full or an upload ends. */
    static final long NO_LINGER_ENDS = Long.MAX_VALUE;

    private final long targetBytes;
    private final int maxBatches;
    private final long minLingerNanos;
    private final long lingerNanos;
    private final int maxUploads;

    SealPolicy(IngestSettings settings) {
        this.targetBytes = settings.targetBytes();
        this.maxBatches = settings.maxBatchesPerBlock();
        this.minLingerNanos = settings.minLinger().toNanos();
        this.lingerNanos = settings.linger().toNanos();
        this.maxUploads = settings.maxUploads();
    }

    /** Why a block is full; null if it is not. */
    @Nullable SealReason fullBecause(long sizeBytes, int batches) {
        if (sizeBytes >= targetBytes) {
            return SealReason.SIZE;
        }
        return batches >= maxBatches ? SealReason.COUNT : null;
    }

    /** How long the first batch of a block waits. */
    long lingerNanos(int uploadsInFlight) {
        if (uploadsInFlight >= maxUploads) {
            // Sealed it would wait all the same, and could not fill meanwhile.
            return NO_LINGER_ENDS;
        }
        // The whole linger is reached with one upload less than there may be.
        return minLingerNanos + (lingerNanos - minLingerNanos) * uploadsInFlight / (maxUploads - 1);
    }
}
