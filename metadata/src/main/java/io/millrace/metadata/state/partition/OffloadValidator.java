package io.millrace.metadata.state.partition;

import io.millrace.metadata.command.RangeToOffload;
import java.util.List;

/**
 * Validates an offload. The range must match the partition's oldest in-memory extents, optionally
 * joined with its last offloaded ranges, by offsets, count and digest. Does not modify state.
 */
final class OffloadValidator {

    private final RangeToOffload range;
    private final int firstReplacedRange;
    private final int firstKeptExtent;
    private final boolean isValid;
    private long sizeBytes;
    private long maxTimestampMs = Long.MIN_VALUE;
    private long keptMs = Long.MIN_VALUE;

    OffloadValidator(
            RangeToOffload row,
            OffloadedRanges offloadedRanges,
            ExtentList extents,
            ObjectTable objects) {
        this.range = row;
        firstReplacedRange = offloadedRanges.indexOf(row.baseOffset());
        List<OffloadedRangeEntry> before =
                offloadedRanges
                        .ranges()
                        .subList(firstReplacedRange, offloadedRanges.ranges().size());
        long digest = 0;
        int from = extents.first();
        int end = from + row.extents();
        for (OffloadedRangeEntry entry : before) {
            digest += entry.digest();
            end -= entry.extents();
            add(entry.sizeBytes(), entry.maxTimestampMs(), entry.keptMs());
        }
        firstKeptExtent = end;
        // The last extent may still grow, so one extent must stay in memory.
        if (firstKeptExtent <= from || firstKeptExtent >= extents.end()) {
            isValid = false;
            return;
        }
        long base = before.isEmpty() ? extents.baseOffset(from) : before.getFirst().baseOffset();
        digest +=
                new OffloadedContent(OffloadedContent.encode(extents, from, firstKeptExtent))
                        .digest();
        isValid =
                base == row.baseOffset()
                        && extents.baseOffset(firstKeptExtent) == row.endOffset()
                        && digest == row.digest();
        for (int i = from; i < firstKeptExtent; i++) {
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

    boolean isValid() {
        return isValid;
    }

    int firstReplacedRange() {
        return firstReplacedRange;
    }

    int firstKeptExtent() {
        return firstKeptExtent;
    }

    OffloadedRangeEntry newRange(int manifest) {
        return new OffloadedRangeEntry(
                range.baseOffset(),
                range.endOffset(),
                manifest,
                range.position(),
                range.extents(),
                sizeBytes,
                maxTimestampMs,
                keptMs,
                range.digest());
    }
}
