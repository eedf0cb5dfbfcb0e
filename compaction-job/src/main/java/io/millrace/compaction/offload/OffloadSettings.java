package io.millrace.compaction.offload;

import java.time.Duration;

/**
 * When extents leave memory.
 *
 * @param cluster the name that the keys of its objects contain
 * @param extents as long as there are no more in memory, none leaves it
 * @param maxReloaded what compacted topics need comes back as long as there are no more
 * @param rowExtents a row has so many at most
 * @param manifestExtents a manifest has so many, and those of one more row, at most
 * @param settledBytes segments of this size or more are merged no further; 0 where no object is
 *     waited for, be it a block
 * @param interval from the end of a round to the start of the next
 */
public record OffloadSettings(
        String cluster,
        long extents,
        long maxReloaded,
        int rowExtents,
        int manifestExtents,
        long settledBytes,
        Duration interval) {

    /** More do not fit well into an entry when they come back. */
    public static final int MAX_ROW_EXTENTS = 4_096;

    public OffloadSettings {
        if (extents < 0
                || maxReloaded < 0
                || rowExtents < 1
                || rowExtents > MAX_ROW_EXTENTS
                || manifestExtents < 1
                || settledBytes < 0) {
            throw new IllegalArgumentException(
                    "rows of %d extents, %d in a manifest, with more than %d in memory"
                            .formatted(rowExtents, manifestExtents, extents));
        }
    }

    /** Rows of 4 GiB where extents have 4 MiB, and manifests of less than 2 MiB. */
    public static OffloadSettings of(
            String cluster, long extents, long maxReloaded, long settledBytes, Duration interval) {
        return new OffloadSettings(
                cluster, extents, maxReloaded, 1_024, 65_536, settledBytes, interval);
    }
}
