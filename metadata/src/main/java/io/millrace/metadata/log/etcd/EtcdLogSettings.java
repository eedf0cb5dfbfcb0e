package io.millrace.metadata.log.etcd;

import io.millrace.metadata.identity.ClusterId;
import java.time.Duration;
import java.util.Optional;

/**
 * Settings of a log in etcd.
 *
 * @param sealAge the age of its first entry at which an epoch is sealed
 * @param checkpointArchives the number of archives after the last checkpoint at which the next is
 *     due
 * @param maxUncoveredBytes the size of the list of archives after the last checkpoint at which no
 *     epoch is archived before a checkpoint is stored
 * @param archivesKept the number of archives that every kept checkpoint covers; a disconnected node
 *     resumes without a restart if they reach back far enough
 * @param checkpointsKept the time to keep a superseded checkpoint and the later archives; a backup
 *     of etcd can be restored up to this age
 * @param openTimeout the time without progress for which opening is retried while etcd or the
 *     bucket is unavailable
 * @param deliveryTimeout the time after which an undelivered entry causes a new watch
 * @param firstBackoff the pause after the first failed call; doubles with each further failure
 * @param pageKeys the maximum number of entries of a read
 * @param identity the identity that etcd must hold; empty to accept any
 */
public record EtcdLogSettings(
        int sealEntries,
        long sealBytes,
        Duration sealAge,
        int checkpointArchives,
        int maxUncoveredBytes,
        int archivesKept,
        Duration checkpointsKept,
        Duration openTimeout,
        Duration deliveryTimeout,
        Duration firstBackoff,
        Duration maxBackoff,
        int pageKeys,
        Optional<ClusterId> identity) {

    /**
     * About 6,000 archives. With its superseded checkpoints, the manifest stays below 1.5 MiB, the
     * largest request that etcd accepts.
     */
    private static final int MAX_UNCOVERED_BYTES = 768 << 10;

    public static final EtcdLogSettings DEFAULTS =
            new EtcdLogSettings(
                    5_000,
                    64L << 20,
                    Duration.ofSeconds(60),
                    4,
                    MAX_UNCOVERED_BYTES,
                    16,
                    Duration.ofHours(1),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(50),
                    Duration.ofSeconds(2),
                    64,
                    Optional.empty());

    /** Returns the age of the last checkpoint from which a single archive makes the next due. */
    Duration checkpointAge() {
        return sealAge.multipliedBy(10);
    }

    public EtcdLogSettings withSealEntries(int entries) {
        return new EtcdLogSettings(
                entries,
                sealBytes,
                sealAge,
                checkpointArchives,
                maxUncoveredBytes,
                archivesKept,
                checkpointsKept,
                openTimeout,
                deliveryTimeout,
                firstBackoff,
                maxBackoff,
                pageKeys,
                identity);
    }

    public EtcdLogSettings withSealAge(Duration age) {
        return new EtcdLogSettings(
                sealEntries,
                sealBytes,
                age,
                checkpointArchives,
                maxUncoveredBytes,
                archivesKept,
                checkpointsKept,
                openTimeout,
                deliveryTimeout,
                firstBackoff,
                maxBackoff,
                pageKeys,
                identity);
    }

    public EtcdLogSettings withCheckpointsKept(Duration time) {
        return new EtcdLogSettings(
                sealEntries,
                sealBytes,
                sealAge,
                checkpointArchives,
                maxUncoveredBytes,
                archivesKept,
                time,
                openTimeout,
                deliveryTimeout,
                firstBackoff,
                maxBackoff,
                pageKeys,
                identity);
    }

    public EtcdLogSettings withIdentity(ClusterId id) {
        return new EtcdLogSettings(
                sealEntries,
                sealBytes,
                sealAge,
                checkpointArchives,
                maxUncoveredBytes,
                archivesKept,
                checkpointsKept,
                openTimeout,
                deliveryTimeout,
                firstBackoff,
                maxBackoff,
                pageKeys,
                Optional.of(id));
    }
}
