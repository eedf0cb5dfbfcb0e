package io.millrace.compaction.bucket;

import java.time.Duration;

/**
 * Settings of the orphan sweep.
 *
 * @param cluster the cluster's name in object keys
 * @param interval time from the end of a round to the start of the next
 * @param grace minimum time between the first sighting of an unreferenced object and its deletion
 * @param uploadGrace maximum duration of a multipart upload, by the bucket's clock
 */
public record OrphanSettings(
        String cluster, Duration interval, Duration grace, Duration uploadGrace) {}
