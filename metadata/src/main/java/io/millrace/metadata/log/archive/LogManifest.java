package io.millrace.metadata.log.archive;

import com.google.protobuf.InvalidProtocolBufferException;
import io.millrace.metadata.log.LogException;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.proto.StoredManifest;
import io.millrace.storage.object.ObjectKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Where a log has its past: its newest checkpoint, and the archives that follow it. Immutable. */
public final class LogManifest {

    /** Of a log that was never sealed. */
    public static final LogManifest EMPTY =
            new LogManifest(
                    StoredManifest.newBuilder()
                            .setFirstLiveEpoch(1)
                            .setFirstLivePosition(1)
                            .build());

    /** Instead of an archive's digest, when no process knew it any more. */
    public static final long NO_DIGEST = 0;

    private final StoredManifest stored;

    private LogManifest(StoredManifest stored) {
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
            return new LogManifest(StoredManifest.parseFrom(bytes));
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
    public List<StoredArchive> archivesBehind(long position) {
        return archives().stream().filter(archive -> lastPosition(archive) > position).toList();
    }

    /** The archives with entries that the checkpoint does not cover. */
    public List<StoredArchive> uncovered() {
        return archivesBehind(checkpointPosition());
    }

    /** The last entry that the checkpoint covers; 0 without a checkpoint. */
    public long checkpointPosition() {
        return stored.getCheckpoint().getPosition();
    }

    /** All objects that it names as a part of the past. */
    public List<NamedPast> named() {
        List<NamedPast> named = new ArrayList<>();
        archives().forEach(archive -> named.add(new NamedPast.Archive(archive)));
        checkpoint().ifPresent(one -> named.add(new NamedPast.Checkpoint(one)));
        return named;
    }

    /** Whether who starts anew reads this object: the checkpoint, or an archive behind it. */
    public boolean isNeeded(ObjectKey key) {
        return stored.getCheckpoint().getKey().equals(key.value())
                || uncovered().stream().anyMatch(archive -> archive.getKey().equals(key.value()));
    }

    /** Whether it names an object as a part of the past. Costs as much as there are archives. */
    public boolean names(ObjectKey key) {
        return stored.getCheckpoint().getKey().equals(key.value())
                || archives().stream().anyMatch(archive -> archive.getKey().equals(key.value()));
    }

    /**
     * Whether a manifest that follows this one may name an object that this one does not: that of a
     * sealer that is in the middle of it. None names an archive of an epoch that has become past
     * before it, or a checkpoint that is not newer than the one before.
     */
    public boolean mayComeToName(PastKey object) {
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
     * With a newer checkpoint. What it makes unneeded is garbage then.
     *
     * @param archivesKept so many archives that it covers are kept as audit trail
     */
    public LogManifest with(StoredCheckpoint checkpoint, int archivesKept) {
        StoredManifest.Builder next = stored.toBuilder();
        if (stored.hasCheckpoint()) {
            next.addGarbage(stored.getCheckpoint().getKey());
        }
        next.setCheckpoint(checkpoint);
        List<StoredArchive> all = new ArrayList<>(stored.getArchivesList());
        while (all.size() > archivesKept
                && lastPosition(all.getFirst()) <= checkpoint.getPosition()) {
            next.addGarbage(all.removeFirst().getKey());
        }
        return new LogManifest(next.clearArchives().addAllArchives(all).build());
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
