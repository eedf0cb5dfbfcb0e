package io.millrace.metadata.log.local;

import io.millrace.metadata.log.LogException;
import io.millrace.metadata.proto.LocalManifest;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.state.CheckpointCodec;
import io.millrace.storage.disk.Disk;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The log's past in the bucket: archives and checkpoints, and the manifest that names them. Objects
 * come first, then the manifest, then the deletion of what it made unneeded; so each step may be
 * the last one before a crash. Blocks. One thread at a time.
 */
final class LogArchive {

    private final Disk disk;
    private final ObjectStore bucket;
    private final String cluster;
    private final ManifestFile file;
    private final LocalLogSettings settings;
    private final RandomGenerator random;
    private LocalManifest manifest = LocalManifest.getDefaultInstance();

    LogArchive(
            Disk disk,
            ObjectStore bucket,
            String cluster,
            ManifestFile file,
            LocalLogSettings settings,
            RandomGenerator random) {
        this.disk = disk;
        this.bucket = bucket;
        this.cluster = cluster;
        this.file = file;
        this.settings = settings;
        this.random = random;
    }

    LocalManifest load() throws IOException {
        manifest = file.read();
        return manifest;
    }

    byte[] fetch(String key, long sizeBytes) {
        return bucket.get(new ObjectKey(key), new ByteRange(0, (int) sizeBytes)).join();
    }

    /**
     * The entries of an archive.
     *
     * @throws LogException.Corrupt if it is not what was written
     */
    EpochFrames.Content read(StoredArchive past) {
        String name = "archive " + past.getKey();
        EpochFrames.Content content =
                EpochFrames.read(fetch(past.getKey(), past.getSizeBytes()), name);
        if (content.soundBytes() != past.getSizeBytes()
                || content.entries().size() != past.getEntries()
                || content.firstPosition() != past.getFirstPosition()
                || content.epoch() != past.getEpoch()) {
            throw corrupt(name, content.soundBytes());
        }
        return content;
    }

    private static LogException.Corrupt corrupt(String name, int soundBytes) {
        return new LogException.Corrupt(
                "%s is corrupt at byte %d. Restore it from a copy.".formatted(name, soundBytes),
                null);
    }

    /** How many archives lie behind the checkpoint. */
    int uncovered() {
        return (int) manifest.getArchivesList().stream().filter(this::isNeeded).count();
    }

    int archives() {
        return manifest.getArchivesCount();
    }

    boolean isNeeded(StoredArchive archive) {
        return archive.getFirstPosition() + archive.getEntries() - 1
                > manifest.getCheckpoint().getPosition();
    }

    /** Moves a sealed epoch into the bucket. May be repeated after a failure. */
    void archive(EpochFiles.Sealed epoch, EpochFiles files) throws IOException {
        if (epoch.epoch() < manifest.getFirstLiveEpoch()) {
            disk.delete(files.path(epoch.epoch()));
            return;
        }
        String name = files.path(epoch.epoch()).toString();
        byte[] bytes =
                disk.read(files.path(epoch.epoch()), 0, (int) disk.size(files.path(epoch.epoch())));
        EpochFrames.Content content = EpochFrames.read(bytes, name);
        if (content.corrupt() || content.entries().size() != epoch.entries()) {
            throw corrupt(name, content.soundBytes());
        }
        ObjectKey key = newKey("archive", epoch.epoch());
        bucket.put(key, ObjectBody.of(Arrays.copyOf(bytes, content.soundBytes()))).join();
        StoredArchive stored =
                StoredArchive.newBuilder()
                        .setKey(key.value())
                        .setSizeBytes(content.soundBytes())
                        .setEpoch(epoch.epoch())
                        .setFirstPosition(epoch.firstPosition())
                        .setEntries(epoch.entries())
                        .build();
        replace(
                manifest.toBuilder()
                        .addArchives(stored)
                        .setFirstLiveEpoch(epoch.epoch() + 1)
                        .setFirstLivePosition(epoch.firstPosition() + epoch.entries()));
        disk.delete(files.path(epoch.epoch()));
    }

    void keepCheckpoint(long position, long digest, List<ByteBuffer> snapshot) throws IOException {
        byte[] bytes = CheckpointCodec.encode(snapshot);
        ObjectKey key = newKey("checkpoint", position);
        bucket.put(key, ObjectBody.of(bytes)).join();
        LocalManifest.Builder next = manifest.toBuilder();
        if (manifest.hasCheckpoint()) {
            next.addGarbage(manifest.getCheckpoint().getKey());
        }
        next.setCheckpoint(
                StoredCheckpoint.newBuilder()
                        .setKey(key.value())
                        .setSizeBytes(bytes.length)
                        .setPosition(position)
                        .setDigest(digest));
        prune(next, position);
        replace(next);
    }

    private void prune(LocalManifest.Builder next, long position) {
        List<StoredArchive> all = new ArrayList<>(next.getArchivesList());
        while (all.size() > settings.archivesKept()
                && all.getFirst().getFirstPosition() + all.getFirst().getEntries() - 1
                        <= position) {
            next.addGarbage(all.removeFirst().getKey());
        }
        next.clearArchives().addAllArchives(all);
    }

    private void replace(LocalManifest.Builder next) throws IOException {
        file.write(next.build());
        manifest = next.build();
        if (next.getGarbageCount() > 0) {
            bucket.delete(next.getGarbageList().stream().map(ObjectKey::new).toList()).join();
            // The file still names them until it is replaced next; deleting twice is harmless.
            manifest = next.clearGarbage().build();
        }
    }

    private ObjectKey newKey(String kind, long number) {
        long attempt = random.nextLong();
        return new ObjectKey(
                "%02x/%s/meta/%s-%016d-%016x"
                        .formatted(attempt >>> 56, cluster, kind, number, attempt));
    }
}
