package io.millrace.metadata.log.local;

import java.time.Duration;

/**
 * Settings of a local log.
 *
 * @param sealEntries an epoch is sealed at so many entries
 * @param sealBytes or at so many bytes
 * @param sealAge or when its first entry is so old
 * @param checkpointArchives a checkpoint is wanted when so many archives lie behind the last one
 * @param archivesKept so many archives that the checkpoint covers are kept as audit trail
 */
public record LocalLogSettings(
        int sealEntries,
        long sealBytes,
        Duration sealAge,
        int checkpointArchives,
        int archivesKept) {

    public static final LocalLogSettings DEFAULTS =
            new LocalLogSettings(5_000, 64 << 20, Duration.ofSeconds(60), 4, 16);

    /** A checkpoint is wanted even for one archive when the last one is so old. */
    Duration checkpointAge() {
        return sealAge.multipliedBy(10);
    }
}
