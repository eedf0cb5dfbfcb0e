package io.millrace.metadata.log;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.proto.StoredLogManifest;
import io.millrace.storage.object.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where a log has its past: its newest checkpoint, and the archives that follow it; and for whoever
 * comes with an older manifest, out of a backup, the checkpoints before it for a while. Immutable.
 */
public final class LogManifest {

    /** Of a log that was never sealed. */
    public static final LogManifest EMPTY =
            new LogManifest(
                    StoredLogManifest.newBuilder()
                            .setFirstLiveEpoch(1)
                            .setFirstLivePosition(1)
                            .build());

    /** Instead of an archive's digest, when no process knew it any more. */
    public static final long NO_DIGEST = 0;

    /** What is kept for restores takes no more: it is written with every archive. */
    static final int MAX_BYTES = 512 << 10;

    private final StoredLogManifest stored;

    private LogManifest(StoredLogManifest stored) {
        this.stored = stored;
    }

    /**
     * The manifest in the bytes.
     *
     * @param name what the bytes are, for messages
     * @throws LogException.Corrupt if they are not a manifest's
     */
    public static LogManifest parse(byte[] bytes, String name) {
        try {
            return new LogManifest(StoredLogManifest.parseFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new LogException.Corrupt(name + " is corrupt", e);
        }
    }

    /** Its bytes, for {@link #parse}. */
    public byte[] toBytes() {
        return stored.toByteArray();
    }

    /** The newest checkpoint. */
    public Optional<StoredCheckpoint> checkpoint() {
        return stored.hasCheckpoint() ? Optional.of(stored.getCheckpoint()) : Optional.empty();
    }

    /** All archives that are kept, oldest first. */
    public List<StoredArchive> archives() {
        return stored.getArchivesList();
    }

    /** The archives with entries behind this position. */
    public List<StoredArchive> archivesAfter(long position) {
        return archives().stream().filter(archive -> lastPosition(archive) > position).toList();
    }

    /** The archives with entries that the checkpoint does not cover. */
    public List<StoredArchive> uncovered() {
        return archivesAfter(checkpointPosition());
    }

    /** The last entry that the checkpoint covers; 0 without a checkpoint. */
    public long checkpointPosition() {
        return stored.getCheckpoint().getPosition();
    }

    /** All objects that it names as a part of the past. */
    public List<ManifestEntry> named() {
        List<ManifestEntry> named = new ArrayList<>();
        archives().forEach(archive -> named.add(new ManifestEntry.Archive(archive)));
        superseded().stream()
                .filter(one -> !one.getKey().isEmpty())
                .forEach(one -> named.add(new ManifestEntry.Checkpoint(one)));
        checkpoint().ifPresent(one -> named.add(new ManifestEntry.Checkpoint(one)));
        return named;
    }

    /** Whether who starts anew reads this object: the checkpoint, or an archive behind it. */
    public boolean isNeeded(ObjectKey key) {
        return stored.getCheckpoint().getKey().equals(key.value())
                || uncovered().stream().anyMatch(archive -> archive.getKey().equals(key.value()));
    }

    /** Whether who comes with an older manifest, out of a backup, may read this object. */
    public boolean isNeededToRestore(ObjectKey key) {
        return superseded().stream().anyMatch(one -> one.getKey().equals(key.value()))
                || archivesAfter(oldestPosition()).stream()
                        .anyMatch(archive -> archive.getKey().equals(key.value()));
    }

    /** Whether it names an object as a part of the past. Costs as much as there are archives. */
    public boolean names(ObjectKey key) {
        return keys().contains(key.value());
    }

    /**
     * Checkpoints before the newest one that are kept, oldest first. One without a key stands for
     * the beginning of the log.
     */
    public List<StoredCheckpoint> superseded() {
        return stored.getSupersededList();
    }

    /**
     * The last entry that the oldest kept checkpoint covers: nobody comes back to a state before
     * it. 0 without a checkpoint.
     */
    public long oldestPosition() {
        return superseded().isEmpty()
                ? checkpointPosition()
                : superseded().getFirst().getPosition();
    }

    /** The keys of all objects that it names as a part of the past. */
    public Set<String> keys() {
        Set<String> keys = new HashSet<>();
        archives().forEach(archive -> keys.add(archive.getKey()));
        superseded().forEach(checkpoint -> keys.add(checkpoint.getKey()));
        keys.add(stored.getCheckpoint().getKey());
        keys.remove("");
        return keys;
    }

    /**
     * Whether a manifest that follows this one may name an object that this one does not: that of a
     * sealer that is in the middle of it. None names an archive of an epoch that has become past
     * before it, or a checkpoint that is not newer than the one before.
     */
    public boolean mayComeToName(ArchiveKey object) {
        return switch (object.kind()) {
            case ARCHIVE -> object.number() >= firstLiveEpoch();
            case CHECKPOINT -> object.number() > checkpointPosition();
        };
    }

    /** The position of an archive's last entry. */
    public static long lastPosition(StoredArchive archive) {
        return archive.getFirstPosition() + archive.getEntries() - 1;
    }

    /** The first epoch that is in no archive yet. */
    public long firstLiveEpoch() {
        return stored.getFirstLiveEpoch();
    }

    /** The position of that epoch's first entry. */
    public long firstLivePosition() {
        return stored.getFirstLivePosition();
    }

    /** Keys of objects that nothing needs any more. */
    public List<String> garbage() {
        return stored.getGarbageList();
    }

    /** With the archive of the first live epoch, which so becomes past. */
    public LogManifest with(StoredArchive archive) {
        return new LogManifest(
                stored.toBuilder()
                        .addArchives(archive)
                        .setFirstLiveEpoch(archive.getEpoch() + 1)
                        .setFirstLivePosition(lastPosition(archive) + 1)
                        .build());
    }

    /**
     * With a newer checkpoint, and none before it. What it makes unneeded is garbage then.
     *
     * @param archivesKept so many archives that it covers are kept as audit trail
     */
    public LogManifest with(StoredCheckpoint checkpoint, int archivesKept) {
        return with(checkpoint, archivesKept, Duration.ZERO);
    }

    /**
     * With a newer checkpoint. What it makes unneeded is garbage then.
     *
     * @param archivesKept so many archives that all kept checkpoints cover are kept as audit trail
     * @param checkpointsKept for so long a checkpoint is kept from when the next one came into the
     *     bucket, by its clock, with all archives behind it
     */
    public LogManifest with(
            StoredCheckpoint checkpoint, int archivesKept, Duration checkpointsKept) {
        LogManifest all =
                new LogManifest(
                        stored.toBuilder()
                                .addSuperseded(stored.getCheckpoint())
                                .setCheckpoint(checkpoint)
                                .build());
        LogManifest next =
                all.without(
                        checkpointsKept.isZero()
                                ? all.superseded().size()
                                : all.supersededBefore(
                                        checkpoint.getStoredMs() - checkpointsKept.toMillis()),
                        archivesKept);
        while (!next.superseded().isEmpty()
                && next.withoutGarbage().stored.getSerializedSize() > MAX_BYTES) {
            next = next.without(1, archivesKept);
        }
        return next;
    }

    /** How many checkpoints had a newer one at that time already. */
    private int supersededBefore(long timeMs) {
        int before = 0;
        for (int i = 1; i < superseded().size(); i++) {
            long storedMs = superseded().get(i).getStoredMs();
            if (storedMs > 0 && storedMs <= timeMs) {
                before = i;
            }
        }
        return before;
    }

    /** With the newest checkpoint alone. What only older ones needed is garbage then. */
    public LogManifest withoutSuperseded(int archivesKept) {
        return without(superseded().size(), archivesKept);
    }

    /** Without so many of the superseded checkpoints, and without what nobody needs but them. */
    private LogManifest without(int oldest, int archivesKept) {
        StoredLogManifest.Builder next = stored.toBuilder().clearSuperseded().clearArchives();
        superseded().stream()
                .limit(oldest)
                .map(StoredCheckpoint::getKey)
                .filter(key -> !key.isEmpty())
                .forEach(next::addGarbage);
        next.addAllSuperseded(superseded().subList(oldest, superseded().size()));
        long covered = new LogManifest(next.build()).oldestPosition();
        int gone = 0;
        while (archives().size() - gone > archivesKept
                && lastPosition(archives().get(gone)) <= covered) {
            next.addGarbage(archives().get(gone++).getKey());
        }
        return new LogManifest(
                next.addAllArchives(archives().subList(gone, archives().size())).build());
    }

    /** Without its garbage, once that is deleted. */
    public LogManifest withoutGarbage() {
        return new LogManifest(stored.toBuilder().clearGarbage().build());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LogManifest that && stored.equals(that.stored);
    }

    @Override
    public int hashCode() {
        return stored.hashCode();
    }

    @Override
    public String toString() {
        return "LogManifest[" + stored + "]";
    }
}
