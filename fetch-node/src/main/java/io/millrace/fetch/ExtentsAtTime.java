package io.millrace.fetch;

import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.metadata.Extent;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import java.util.List;
import java.util.Optional;

/**
 * The extents of a partition that may hold the first record at or after a time. Valid until the
 * current task ends, as the log is.
 */
record ExtentsAtTime(PartitionLog log, long timestampMs) {

    /** The start of a search, which the metadata answer without a walk. */
    static final long FROM_START = Long.MIN_VALUE;

    /** Returns the first matching offloaded range that ends after an offset. */
    Optional<OffloadedRange> offloadedRange(long from) {
        if (from == FROM_START) {
            return log.offloadedRangeAtTime(timestampMs);
        }
        Optional<OffloadedRange> row = log.offloadedRangeAt(Math.max(from, log.logStartOffset()));
        while (row.isPresent() && row.get().maxTimestampMs() < timestampMs) {
            row = log.offloadedRangeAt(row.get().endOffset());
        }
        return row;
    }

    /** Returns the first matching extent in memory that ends after an offset. */
    Optional<Extent> inMemory(long from) {
        if (from == FROM_START) {
            return log.extentAtTime(timestampMs);
        }
        long inMemory = log.lastOffloadedRange().map(OffloadedRange::endOffset).orElse(0L);
        long at = Math.max(Math.max(from, inMemory), log.logStartOffset());
        while (at < log.highWatermark()) {
            List<Extent> extents = log.extents(at, FetchSettings.PAGE_BYTES);
            for (Extent extent : extents) {
                if (extent.maxTimestampMs() >= timestampMs) {
                    return Optional.of(extent);
                }
            }
            if (extents.isEmpty()) {
                break;
            }
            at = extents.getLast().endOffset();
        }
        return Optional.empty();
    }
}
