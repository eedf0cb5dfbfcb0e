package io.millrace.metadata.state.partition;

import io.millrace.metadata.command.RangeToOffload;
import java.util.List;

/**
 * Says whether a partition's oldest extents in memory, alone or together with its last rows, are
 * what a row says, and what stays of them in memory then. Changes nothing.
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
     * Judges.
     *
     * @param offloadedRanges what is in front of the extents
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
        // The last extent may still grow: so one stays.
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

    /** It takes the place of the rows from this one on. */
    int firstRow() {
        return firstRow;
    }

    /** The first extent in memory that stays there. */
    int to() {
        return to;
    }

    /**
     * The row.
     *
     * @param manifest the number of the one in which it lies
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
