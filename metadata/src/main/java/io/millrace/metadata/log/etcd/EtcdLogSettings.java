package io.millrace.metadata.log.etcd;

import java.time.Duration;

/**
 * Settings of a log in etcd.
 *
 * @param sealEntries an epoch is sealed at so many entries
 * @param sealBytes or at so many bytes
 * @param sealAge or when its first entry is so old
 * @param checkpointArchives a checkpoint is wanted when so many archives lie behind the last one
 * @param archivesKept so many archives that all kept checkpoints cover are kept: a node that was
 *     away for no longer than they reach back goes on without a restart
 * @param checkpointsKept for so long a checkpoint that has a newer one is kept, with what follows
 *     it: a backup of etcd that is no older can be restored
 * @param openTimeout how long opening goes on trying while etcd or the bucket is away
 * @param deliveryTimeout an entry that is in etcd and was not delivered after so long makes the
 *     watch start anew
 * @param firstBackoff the pause after a call that failed; doubled with each further one
 * @param maxBackoff and at most this
 * @param pageKeys keys read at once
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

    /** A checkpoint is wanted even for one archive when the last one is so old. */
    Duration checkpointAge() {
        return sealAge.multipliedBy(10);
    }

    /** The same, but for the number of entries at which an epoch is sealed. */
    public EtcdLogSettings sealingEvery(int entries) {
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

    /** The same, but for the age at which an epoch is sealed. */
    public EtcdLogSettings sealingAt(Duration age) {
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

    /** The same, but for how long checkpoints are kept that have a newer one. */
    public EtcdLogSettings keepingCheckpoints(Duration time) {
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
