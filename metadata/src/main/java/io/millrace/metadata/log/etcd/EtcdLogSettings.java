package io.millrace.metadata.log.etcd;

import java.time.Duration;

/**
 * Settings of a log in etcd.
 *
 * @param sealEntries the number of entries at which an epoch is sealed
 * @param sealBytes the size at which an epoch is sealed
 * @param sealAge the age of its first entry at which an epoch is sealed
 * @param checkpointArchives the number of archives after the last checkpoint at which a new
 *     checkpoint is taken
 * @param archivesKept the number of archives covered by every kept checkpoint that are retained; a
 *     node that was cut off resumes without a restart if these archives reach back far enough
 * @param checkpointsKept the time for which a superseded checkpoint and the later archives are
 *     kept; a backup of etcd can be restored up to this age
 * @param openTimeout the time for which opening is retried while etcd or the bucket is unavailable
 * @param deliveryTimeout the time after which an undelivered entry of the log causes a new watch
 * @param firstBackoff the pause after the first failed call; doubles with each further failure
 * @param maxBackoff the maximum pause between calls
 * @param pageKeys the number of keys per read
 */
public record EtcdLogSettings(
        int sealEntries,
        long sealBytes,
        Duration sealAge,
        int checkpointArchives,
        int archivesKept,
        Duration checkpointsKept,
        Duration openTimeout,
        Duration deliveryTimeout,
        Duration firstBackoff,
        Duration maxBackoff,
        int pageKeys) {

    public static final EtcdLogSettings DEFAULTS =
            new EtcdLogSettings(
                    5_000,
                    64L << 20,
                    Duration.ofSeconds(60),
                    4,
                    16,
                    Duration.ofHours(1),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(50),
                    Duration.ofSeconds(2),
                    64);

    /**
     * Returns the age of the last checkpoint from which a single archive suffices for a new
     * checkpoint.
     */
    Duration checkpointAge() {
        return sealAge.multipliedBy(10);
    }

    /** Returns settings with another number of entries per epoch. */
    public EtcdLogSettings withSealEntries(int entries) {
        return new EtcdLogSettings(
                entries,
                sealBytes,
                sealAge,
                checkpointArchives,
                archivesKept,
                checkpointsKept,
                openTimeout,
                deliveryTimeout,
                firstBackoff,
                maxBackoff,
                pageKeys);
    }

    /** Returns settings with another maximum age of an epoch. */
    public EtcdLogSettings withSealAge(Duration age) {
        return new EtcdLogSettings(
                sealEntries,
                sealBytes,
                age,
                checkpointArchives,
                archivesKept,
                checkpointsKept,
                openTimeout,
                deliveryTimeout,
                firstBackoff,
                maxBackoff,
                pageKeys);
    }

    /** Returns settings with another retention time of superseded checkpoints. */
    public EtcdLogSettings withCheckpointsKept(Duration time) {
        return new EtcdLogSettings(
                sealEntries,
                sealBytes,
                sealAge,
                checkpointArchives,
                archivesKept,
                time,
                openTimeout,
                deliveryTimeout,
                firstBackoff,
                maxBackoff,
                pageKeys);
    }
}
