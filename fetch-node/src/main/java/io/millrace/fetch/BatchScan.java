package io.millrace.fetch;

import io.millrace.storage.stream.Slice;
import java.util.List;

/**
 * A walk over the headers of consecutive batches that selects the batches to serve. Pure.
 *
 * <p>Metadata and object must agree. Headers that do not tile the contiguous run, or offsets that
 * do not end at the run's end offset, are reported as {@link ScanEnd#DAMAGE} and not served.
 */
final class BatchScan {

    enum ScanEnd {
        /** The bytes ended at a batch boundary. */
        BYTES,
        /** The bytes ended inside a batch of {@link BatchScan#nextBytes}. */
        WITHIN_BATCH,
        /** The next batch, of {@link BatchScan#nextBytes}, exceeds the budget. */
        BUDGET,
        /** The bytes contradict the metadata. */
        DAMAGE
    }

    /** Base offset of the first batch to serve, if any. */
    long firstOffset;

    /** Start of the first batch to serve, in bytes from the start of the walk. */
    int startPosition;

    int sizeBytes;

    int batchCount;

    /** Batch boundary at which the walk ended, in bytes from its start. */
    int endPosition;

    /** Offset after the last batch passed. */
    long endOffset;

    /** Size in bytes of the batch at {@link #endPosition}; 0 if its header is incomplete. */
    int nextBytes;

    ScanEnd end = ScanEnd.BYTES;

    private BatchScan() {}

    /**
     * Walks over batches.
     *
     * @param bytes the bytes to walk over, starting at a batch boundary
     * @param baseOffset the base offset of the first batch, or a lower bound of it if batches store
     *     their base offsets
     * @param hasOffsets whether batches store their base offsets
     * @param wantedOffset the first offset wanted; batches that end at or below it are skipped
     * @param budgetBytes the maximum number of bytes of batches to serve
     * @param max the number of bytes to the end of the contiguous run
     * @param lastOffset the end offset of the contiguous run
     */
    static BatchScan walk(
            List<Slice> bytes,
            long baseOffset,
            boolean hasOffsets,
            long wantedOffset,
            int budgetBytes,
            long max,
            long lastOffset) {
        BatchScan scan = new BatchScan();
        SliceCursor cursor = new SliceCursor(bytes, baseOffset, hasOffsets);
        while (cursor.remaining() > 0) {
            if (!cursor.hasHeader()) {
                scan.nextBytes = 0;
                scan.end = cursor.remaining() == max ? ScanEnd.DAMAGE : ScanEnd.WITHIN_BATCH;
                break;
            }
            if (!cursor.isBatchWithin(max - scan.endPosition, lastOffset)) {
                scan.end = ScanEnd.DAMAGE;
                break;
            }
            int size = (int) cursor.batchBytes();
            scan.nextBytes = size;
            boolean wanted = cursor.endOffset() > wantedOffset;
            boolean fits = scan.sizeBytes + size <= budgetBytes;
            if (wanted && !fits) {
                scan.end = ScanEnd.BUDGET;
                break;
            }
            if (size > cursor.remaining()) {
                scan.end = ScanEnd.WITHIN_BATCH;
                break;
            }
            if (wanted) {
                scan.include(cursor.baseOffset(), size);
            }
            cursor.skipBatch();
            scan.endPosition += size;
        }
        scan.endOffset = cursor.offset();
        if (scan.end == ScanEnd.BYTES && scan.endPosition == max && scan.endOffset != lastOffset) {
            scan.end = ScanEnd.DAMAGE;
        }
        return scan;
    }

    private void include(long offset, int size) {
        if (batchCount == 0) {
            firstOffset = offset;
            startPosition = endPosition;
        }
        batchCount++;
        sizeBytes += size;
    }
}
