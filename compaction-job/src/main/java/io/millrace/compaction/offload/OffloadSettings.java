package io.millrace.compaction.offload;

import java.time.Duration;

/**
 * The settings of offloading.
 *
 * @param extents number of extents in memory above which extents are offloaded
 * @param maxReloaded number of extents in memory up to which compacted topics are reloaded
 * @param manifestExtents maximum number of extents in a manifest, which the last range may exceed
 * @param settledBytes size from which segments are not merged further; 0 to offload objects without
 *     waiting for merges
 */
public record OffloadSettings(
        String cluster,
        long extents,
        long maxReloaded,
        int rangeExtents,
        int manifestExtents,
        long settledBytes,
        Duration interval) {

    /** Reloading a range must fit into a log entry. */
    public static final int MAX_RANGE_EXTENTS = 4_096;

    public OffloadSettings {
        if (extents < 0
                || maxReloaded < 0
                || rangeExtents < 1
                || rangeExtents > MAX_RANGE_EXTENTS
                || manifestExtents < 1
                || settledBytes < 0) {
            throw new IllegalArgumentException(
                    ("invalid offload settings: ranges of %d extents, %d per manifest,"
                                    + " threshold of %d extents")
                            .formatted(rangeExtents, manifestExtents, extents));
        }
    }

    /** Returns settings with ranges of 4 GiB, for extents of 4 MiB, and manifests below 2 MiB. */
    public static OffloadSettings of(
            String cluster, long extents, long maxReloaded, long settledBytes, Duration interval) {
        return new OffloadSettings(
                cluster, extents, maxReloaded, 1_024, 65_536, settledBytes, interval);
    }
}
