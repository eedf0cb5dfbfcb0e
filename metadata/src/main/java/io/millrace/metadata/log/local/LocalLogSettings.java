package io.millrace.metadata.log.local;

import java.time.Duration;

/**
 * Settings of a local log.
 *
 * @param sealAge the age of its first entry at which an epoch is sealed
 * @param checkpointArchives the number of archives after the last checkpoint at which the next is
 *     due
 * @param archivesKept the number of covered archives to keep as an audit trail
 */
public record LocalLogSettings(
        int sealEntries,
        long sealBytes,
        Duration sealAge,
        int checkpointArchives,
        int archivesKept) {

    public static final LocalLogSettings DEFAULTS =
            new LocalLogSettings(5_000, 64 << 20, Duration.ofSeconds(60), 4, 16);

    /** Returns the age of the last checkpoint from which a single archive makes the next due. */
    Duration checkpointAge() {
        return sealAge.multipliedBy(10);
    }
}
