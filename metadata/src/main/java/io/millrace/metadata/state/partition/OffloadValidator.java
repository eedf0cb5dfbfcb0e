package io.millrace.metadata.state.partition;

import io.millrace.metadata.command.RangeToOffload;
import java.util.List;

/**
 * Validates an offload. The proposed range must match the partition's oldest in-memory extents,
 * optionally joined with its last offloaded ranges, by offsets, count and digest. Does not modify
 * state.
 */
final class OffloadValidator {

    private final RangeToOffload row;
    private final int firstRow;
    private final int to;
    private final boolean counts;
    private long sizeBytes;
    private long maxTimestampMs = Long.MIN_VALUE;
    private long keptMs = Long.MIN_VALUE;

    /**
     * Validates a range.
     *
     * @param offloadedRanges the ranges before the extents
     */
    OffloadValidator(
            RangeToOffload row,
            OffloadedRanges offloadedRanges,
            ExtentList extents,
            ObjectTable objects) {
        this.row = row;
        firstRow = offloadedRanges.at(row.baseOffset());
        List<OffloadedRangeEntry> before =
                offloadedRanges.rows().subList(firstRow, offloadedRanges.rows().size());
        long digest = 0;
        int from = extents.first();
        int end = from + row.extents();
        for (OffloadedRangeEntry one : before) {
            digest += one.digest();
            end -= one.extents();
            add(one.sizeBytes(), one.maxTimestampMs(), one.keptMs());
        }
        to = end;
        // The last extent may still grow, so one extent must stay in memory.
        if (to <= from || to >= extents.end()) {
            counts = false;
            return;
        }
        long base = before.isEmpty() ? extents.baseOffset(from) : before.getFirst().baseOffset();
        digest += new OffloadedContent(OffloadedContent.of(extents, from, to)).digest();
        counts =
                base == row.baseOffset()
                        && extents.baseOffset(to) == row.endOffset()
                        && digest == row.digest();
        for (int i = from; i < to; i++) {
            long timeMs = extents.maxTimestampMs(i);
            add(
                    extents.length(i),
                    timeMs,
                    Math.min(timeMs, objects.storedMs(extents.objectNumber(i))));
        }
    }

    private void add(long bytes, long timestampMs, long partKeptMs) {
        sizeBytes += bytes;
        maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
        keptMs = Math.max(keptMs, partKeptMs);
    }

    boolean counts() {
        return counts;
    }

    /** Returns the index of the first existing range that the new one replaces. */
    int firstRow() {
        return firstRow;
    }

    /** Returns the first extent that stays in memory. */
    int to() {
        return to;
    }

    /**
     * Returns the new offloaded range.
     *
     * @param manifest the object number of the extent manifest
     */
    OffloadedRangeEntry left(int manifest) {
        return new OffloadedRangeEntry(
                row.baseOffset(),
                row.endOffset(),
                manifest,
                row.position(),
                row.extents(),
                sizeBytes,
                maxTimestampMs,
                keptMs,
                row.digest());
    }
}
