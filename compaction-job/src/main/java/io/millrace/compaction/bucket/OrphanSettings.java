package io.millrace.compaction.bucket;

import java.time.Duration;

/**
 * How what nothing names is looked for.
 *
 * @param cluster the name that the keys of its objects contain
 * @param interval from the end of a round to the start of the next
 * @param grace for so long, at least, an object stays that nothing names, from when a process saw
 *     it first
 * @param uploadGrace for so long an upload in parts may take, by the bucket's clock
 */
public record OrphanSettings(
        String cluster, Duration interval, Duration grace, Duration uploadGrace) {}
