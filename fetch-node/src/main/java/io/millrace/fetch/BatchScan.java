package io.millrace.fetch;

import io.millrace.storage.stream.Slice;
import java.util.List;

/**
 * A walk over the headers of batches that lie one behind the other, to find those to serve. Pure.
 *
 * <p>Metadata and object must agree: headers that do not tile the stretch, or offsets that do not
 * end where the metadata say, are damage, and are told as {@link End#DAMAGE} instead of served.
 */
final class BatchScan {

    /** What ended a walk. */
    enum End {
        /** The bytes, at the end of a batch. */
        BYTES,
        /** The bytes, within a batch of {@link BatchScan#nextBytes}. */
        WITHIN_BATCH,
        /** The next batch, of {@link BatchScan#nextBytes}, would be more than is allowed. */
        BUDGET,
        /** The bytes are not what the metadata say they are. */
        DAMAGE
    }

    /** Base offset of the first batch to serve, if there is one. */
    long firstOffset;

    /** Where the first batch to serve begins, in bytes from the start of the walk. */
    int from;

    /** Bytes of the batches to serve. */
    int length;

    /** Number of batches to serve. */
    int batches;

    /** Where the walk ended, a border of batches, in bytes from its start. */
    int endPosition;

    /** The offset behind the batches before it. */
    long endOffset;

    /** Bytes of the batch there, where it matters; 0 if not even its header is there. */
    int nextBytes;

    End end = End.BYTES;

    private BatchScan() {}

    /**
     * Walks.
     *
     * @param bytes begin with a batch
     * @param baseOffset of that batch, or one below it if batches say where they begin
     * @param hasOffsets whether they do
     * @param wantedOffset batches that end at or below it are skipped
     * @param budgetBytes at most so many bytes of batches
     * @param max bytes to the end of the stretch
     * @param lastOffset the end offset of the stretch
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
                scan.end = cursor.remaining() == max ? End.DAMAGE : End.WITHIN_BATCH;
                break;
            }
            if (!cursor.fits(max - scan.endPosition, lastOffset)) {
                scan.end = End.DAMAGE;
                break;
            }
            int size = (int) cursor.batchBytes();
            scan.nextBytes = size;
            boolean wanted = cursor.endOffset() > wantedOffset;
            boolean fits = scan.length + size <= budgetBytes;
            if (wanted && !fits) {
                scan.end = End.BUDGET;
                break;
            }
            if (size > cursor.remaining()) {
                scan.end = End.WITHIN_BATCH;
                break;
            }
            if (wanted) {
                scan.take(cursor.baseOffset(), size);
            }
            cursor.skipBatch();
            scan.endPosition += size;
        }
        scan.endOffset = cursor.offset();
        if (scan.end == End.BYTES && scan.endPosition == max && scan.endOffset != lastOffset) {
            scan.end = End.DAMAGE;
        }
        return scan;
    }

    private void take(long offset, int size) {
        if (batches == 0) {
            firstOffset = offset;
            from = endPosition;
        }
        batches++;
        length += size;
    }
}
