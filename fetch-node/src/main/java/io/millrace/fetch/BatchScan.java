package io.millrace.fetch;

import io.millrace.storage.stream.Slice;
import java.util.List;

/**
 * A scan of batch headers that selects the batches to serve. Pure.
 *
 * <p>If headers do not tile the contiguous run, or do not end at its end offset, the scan ends with
 * {@link ScanEnd#DAMAGE}.
 */
final class BatchScan {

    enum ScanEnd {
        /** The bytes ended at a batch boundary. */
        BYTES,
        /** The bytes ended inside a batch. */
        WITHIN_BATCH,
        /** The next batch exceeds the budget. */
        BUDGET,
        DAMAGE
    }

    long firstOffset;

    /** Number of bytes before the first batch to serve. */
    int startPosition;

    int sizeBytes;

    int batchCount;

    /** Number of bytes before the batch boundary at which the scan ended. */
    int endPosition;

    /** Offset after the last batch passed. */
    long endOffset;

    /** Size of the batch at {@link #endPosition}; 0 if its header is incomplete. */
    int nextBytes;

    ScanEnd end = ScanEnd.BYTES;

    private BatchScan() {}

    /**
     * Scans batches from a batch boundary.
     *
     * @param baseOffset the base offset of the first batch; a lower bound if batches store their
     *     base offsets
     * @param max the number of bytes to the end of the contiguous run
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
