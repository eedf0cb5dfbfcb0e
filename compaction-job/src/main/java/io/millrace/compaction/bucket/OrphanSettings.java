package io.millrace.compaction.bucket;

import java.time.Duration;

/**
 * The settings of the orphan sweep.
 *
 * @param interval time from the end of a round to the start of the next
 * @param grace minimum time from the first sighting of an unreferenced object to its deletion
 * @param uploadGrace maximum duration of a multipart upload, by the bucket's clock
 */
public record OrphanSettings(
        String cluster, Duration interval, Duration grace, Duration uploadGrace) {}
