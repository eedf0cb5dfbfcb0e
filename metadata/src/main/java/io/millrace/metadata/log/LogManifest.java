package io.millrace.metadata.log;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.proto.StoredFormerLog;
import io.millrace.metadata.proto.StoredLogManifest;
import io.millrace.storage.object.ObjectKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The log manifest: the newest checkpoint and the archives that follow it. Keeps superseded
 * checkpoints for some time, so that an older manifest from a backup of etcd can be restored.
 * Changed manifests list unreferenced objects as garbage. Immutable.
 */
public final class LogManifest {

    /** The manifest of a log that was never sealed. */
    public static final LogManifest EMPTY =
            new LogManifest(
                    StoredLogManifest.newBuilder()
                            .setFirstLiveEpoch(1)
                            .setFirstLivePosition(1)
                            .build());

    /** The digest of an archive that was sealed without a digest. */
    public static final long NO_DIGEST = 0;

    /** Maximum size with superseded checkpoints, because every archive rewrites the manifest. */
    static final int MAX_BYTES = 512 << 10;

    private final StoredLogManifest stored;

    private LogManifest(StoredLogManifest stored) {
        this.stored = stored;
    }

    /**
     * Parses a manifest.
     *
     * @param name the source, for messages
     * @throws LogException.Corrupt if the bytes are not a manifest
     */
    public static LogManifest parse(byte[] bytes, String name) {
        try {
            return new LogManifest(StoredLogManifest.parseFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new LogException.Corrupt(name + " is corrupt", e);
        }
    }

    public byte[] toBytes() {
        return stored.toByteArray();
    }

    public Optional<StoredCheckpoint> checkpoint() {
        return stored.hasCheckpoint() ? Optional.of(stored.getCheckpoint()) : Optional.empty();
    }

    /** Returns the archives, oldest first. */
    public List<StoredArchive> archives() {
        return stored.getArchivesList();
    }

    public List<StoredArchive> archivesAfter(long position) {
        return archives().stream().filter(archive -> lastPosition(archive) > position).toList();
    }

    public List<StoredArchive> uncovered() {
        return archivesAfter(checkpointPosition());
    }

    /** Returns the size of the list of uncovered archives. */
    public long uncoveredBytes() {
        return uncovered().stream().mapToLong(StoredArchive::getSerializedSize).sum();
    }

    /** Returns the position of the checkpoint's last entry; 0 without a checkpoint. */
    public long checkpointPosition() {
        return stored.getCheckpoint().getPosition();
    }

    public List<ManifestEntry> referencedObjects() {
        List<ManifestEntry> named = new ArrayList<>();
        archives().forEach(archive -> named.add(new ManifestEntry.Archive(archive)));
        superseded().stream()
                .filter(stored -> !stored.getKey().isEmpty())
                .forEach(stored -> named.add(new ManifestEntry.Checkpoint(stored)));
        checkpoint().ifPresent(stored -> named.add(new ManifestEntry.Checkpoint(stored)));
        return named;
    }

    /** Returns whether a node that starts now reads this object. */
    public boolean isNeededToStart(ObjectKey key) {
        return stored.getCheckpoint().getKey().equals(key.value())
                || uncovered().stream().anyMatch(archive -> archive.getKey().equals(key.value()));
    }

    /** Returns whether a log restored from an older manifest may read this object. */
    public boolean isNeededToRestore(ObjectKey key) {
        return superseded().stream().anyMatch(stored -> stored.getKey().equals(key.value()))
                || archivesAfter(oldestPosition()).stream()
                        .anyMatch(archive -> archive.getKey().equals(key.value()));
    }

    /**
     * Returns whether the manifest references an object, in time linear in the number of archives.
     */
    public boolean references(ObjectKey key) {
        return referencedKeys().contains(key.value());
    }

    /**
     * Returns the kept superseded checkpoints, oldest first. A checkpoint without a key stands for
     * the beginning of the log.
     */
    public List<StoredCheckpoint> superseded() {
        return stored.getSupersededList();
    }

    /**
     * Returns the position of the oldest kept checkpoint's last entry; 0 without a checkpoint. No
     * restored state is older.
     */
    public long oldestPosition() {
        return superseded().isEmpty()
                ? checkpointPosition()
                : superseded().getFirst().getPosition();
    }

    /** Returns the keys of all objects, including the copies of this and of the former manifest. */
    public Set<String> referencedKeys() {
        Set<String> keys = new HashSet<>();
        keys.add(stored.getCopy());
        keys.add(stored.getFormer().getCopy());
        archives().forEach(archive -> keys.add(archive.getKey()));
        superseded().forEach(checkpoint -> keys.add(checkpoint.getKey()));
        keys.add(stored.getCheckpoint().getKey());
        keys.remove("");
        return keys;
    }

    /**
     * Returns whether a successor of this manifest may add a reference to an object. A successor
     * adds only archives of unarchived epochs and newer checkpoints.
     */
    public boolean mayBeReferencedLater(ArchiveKey object) {
        return switch (object.kind()) {
            case ARCHIVE -> object.number() >= firstLiveEpoch();
            case CHECKPOINT -> object.number() > checkpointPosition();
        };
    }

    /** Returns the key of this manifest's copy in the bucket; empty until the first is written. */
    public Optional<ObjectKey> copy() {
        return ObjectKey.parse(stored.getCopy()).filter(key -> !stored.getCopy().isEmpty());
    }

    /**
     * Returns the key of the manifest from which this log was restored. While present, no object is
     * taken for an orphan, so that the former log can be restored as well.
     */
    public Optional<ObjectKey> formerCopy() {
        return stored.hasFormer()
                ? Optional.of(new ObjectKey(stored.getFormer().getCopy()))
                : Optional.empty();
    }

    /** Returns a manifest with a new copy. The preceding copy becomes garbage. */
    public LogManifest withCopy(ObjectKey key) {
        StoredLogManifest.Builder next = stored.toBuilder().setCopy(key.value());
        copy().ifPresent(before -> next.addGarbage(before.value()));
        return new LogManifest(next.build());
    }

    /**
     * Returns the manifest of a log that continues this log after a restore. Keeps the checkpoints
     * and archives up to the restored point, from which it can be restored again.
     *
     * @param restored the checkpoint of the restored point
     * @param former the key of this manifest
     * @param isPresent whether the bucket has a checkpoint or archive
     */
    public LogManifest restoredTo(
            StoredCheckpoint restored, ObjectKey former, Predicate<String> isPresent) {
        long end = restored.getPosition();
        long incompleteTo =
                archives().stream()
                        .filter(archive -> !isPresent.test(archive.getKey()))
                        .mapToLong(LogManifest::lastPosition)
                        .filter(last -> last <= end)
                        .max()
                        .orElse(0);
        StoredLogManifest.Builder next =
                StoredLogManifest.newBuilder()
                        .setCheckpoint(restored)
                        // Above the epoch of an archive that this log did not list any more.
                        .setFirstLiveEpoch(firstLiveEpoch() + 1)
                        .setFirstLivePosition(end + 1)
                        .setFormer(
                                StoredFormerLog.newBuilder()
                                        .setCopy(former.value())
                                        .setRestoredMs(restored.getStoredMs()));
        Stream.concat(superseded().stream(), Stream.of(stored.getCheckpoint()))
                .filter(older -> older.getPosition() >= incompleteTo && older.getPosition() <= end)
                .filter(older -> older.getKey().isEmpty() || isPresent.test(older.getKey()))
                .forEach(next::addSuperseded);
        archives().stream()
                .filter(archive -> archive.getFirstPosition() > incompleteTo)
                .filter(archive -> lastPosition(archive) <= end)
                .forEach(next::addArchives);
        return new LogManifest(next.build());
    }

    /** Returns the part of a manifest that a node needs to start: a checkpoint, later archives. */
    public LogManifest withoutOlderPoints() {
        return new LogManifest(
                stored.toBuilder()
                        .clearSuperseded()
                        .clearArchives()
                        .clearGarbage()
                        .clearFormer()
                        .addAllArchives(uncovered())
                        .build());
    }

    public static long lastPosition(StoredArchive archive) {
        return archive.getFirstPosition() + archive.getEntries() - 1;
    }

    public long firstLiveEpoch() {
        return stored.getFirstLiveEpoch();
    }

    public long firstLivePosition() {
        return stored.getFirstLivePosition();
    }

    /** Returns the keys of unreferenced objects to delete. */
    public List<String> garbage() {
        return stored.getGarbageList();
    }

    /** Returns a manifest with the archive of the first live epoch added. */
    public LogManifest with(StoredArchive archive) {
        return new LogManifest(
                stored.toBuilder()
                        .addArchives(archive)
                        .setFirstLiveEpoch(archive.getEpoch() + 1)
                        .setFirstLivePosition(lastPosition(archive) + 1)
                        .build());
    }

    /**
     * Returns a manifest with a newer checkpoint and no superseded checkpoints.
     *
     * @param archivesKept the number of covered archives to keep as an audit trail
     */
    public LogManifest with(StoredCheckpoint checkpoint, int archivesKept) {
        return with(checkpoint, archivesKept, Duration.ZERO);
    }

    /**
     * Returns a manifest with a newer checkpoint.
     *
     * @param archivesKept the number of archives covered by every kept checkpoint to keep
     * @param checkpointsKept the time to keep a superseded checkpoint and all later archives, by
     *     the bucket's clock from the storage of the next checkpoint
     */
    public LogManifest with(
            StoredCheckpoint checkpoint, int archivesKept, Duration checkpointsKept) {
        boolean isFormerOver =
                checkpointsKept.isZero()
                        || stored.getFormer().getRestoredMs()
                                <= checkpoint.getStoredMs() - checkpointsKept.toMillis();
        LogManifest all =
                new LogManifest(
                        (isFormerOver ? withoutFormer() : this)
                                .stored.toBuilder()
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

    /** Returns a manifest without the checkpoints and the log that are kept for restores. */
    public LogManifest withoutSuperseded(int archivesKept) {
        return withoutFormer().without(superseded().size(), archivesKept);
    }

    private LogManifest withoutFormer() {
        StoredLogManifest.Builder next = stored.toBuilder().clearFormer();
        formerCopy().ifPresent(former -> next.addGarbage(former.value()));
        return new LogManifest(next.build());
    }

    /**
     * Removes the {@code oldest} first superseded checkpoints and the archives that only they need.
     */
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

    /** Returns a manifest without garbage, for use after its deletion. */
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
