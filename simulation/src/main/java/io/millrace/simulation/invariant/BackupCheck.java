package io.millrace.simulation.invariant;

import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.simulation.world.Violations;
import io.millrace.storage.object.ObjectKey;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Takes a backup of etcd at every change of the log manifest. Checks that no object that a backup
 * may need is deleted during the promised time.
 */
public final class BackupCheck {

    /**
     * @param needs the checkpoint and the later archives
     * @param followedMs the time at which the next checkpoint was in the bucket
     */
    private record Backup(Set<ObjectKey> needs, long position, long followedMs) {}

    private final Supplier<byte[]> manifestNow;
    private final Duration kept;
    private final InstantSource clock;
    private final Violations violations;
    private final ArrayDeque<Backup> backups = new ArrayDeque<>();
    private byte[] manifestSeen = new byte[0];
    private LogManifest manifest = LogManifest.EMPTY;

    /**
     * @param manifestNow the log manifest in etcd; empty if there is none
     * @param kept the time for which a backup can be restored after the next checkpoint
     * @param clock the clock of the bucket
     */
    public BackupCheck(
            Supplier<byte[]> manifestNow,
            Duration kept,
            InstantSource clock,
            Violations violations) {
        this.manifestNow = manifestNow;
        this.kept = kept;
        this.clock = clock;
        this.violations = violations;
    }

    public void check() {
        byte[] now = manifestNow.get();
        if (Arrays.equals(now, manifestSeen)) {
            return;
        }
        manifestSeen = now;
        LogManifest before = manifest;
        manifest = LogManifest.parse(now, "the manifest");
        if (manifest.checkpointPosition() > before.checkpointPosition()) {
            backups.add(backup(before));
        }
        dropExpired();
        for (Backup backup : backups) {
            violations.check(
                    manifest.oldestPosition() <= backup.position(),
                    "a backup restores entry %d, but objects referenced only before entry"
                            + " %d may be deleted",
                    backup.position(),
                    manifest.oldestPosition());
        }
    }

    private Backup backup(LogManifest before) {
        Set<ObjectKey> needs = new HashSet<>();
        before.checkpoint().ifPresent(stored -> needs.add(new ObjectKey(stored.getKey())));
        before.uncovered().forEach(stored -> needs.add(new ObjectKey(stored.getKey())));
        long position = before.checkpointPosition();
        long followedMs =
                Stream.concat(manifest.superseded().stream(), manifest.checkpoint().stream())
                        .filter(stored -> stored.getPosition() > position)
                        .mapToLong(StoredCheckpoint::getStoredMs)
                        .findFirst()
                        .orElse(0);
        return new Backup(needs, position, followedMs);
    }

    private void dropExpired() {
        long nowMs = clock.millis();
        backups.removeIf(backup -> backup.followedMs() + kept.toMillis() <= nowMs);
    }

    public void deleting(Collection<ObjectKey> keys) {
        check();
        dropExpired();
        for (Backup backup : backups) {
            for (ObjectKey key : keys) {
                violations.check(
                        !backup.needs().contains(key),
                        "%s is being deleted, but the backup with the checkpoint of"
                                + " entry %d needs it",
                        key,
                        backup.position());
            }
        }
    }
}
