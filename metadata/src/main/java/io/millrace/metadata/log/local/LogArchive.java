package io.millrace.metadata.log.local;

import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.archive.EpochFrames;
import io.millrace.metadata.log.archive.LogArchiveStore;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.runtime.disk.Disk;
import java.io.IOException;
import java.util.Arrays;

/**
 * The archives and checkpoints in the bucket, and the manifest file that references them. Updates
 * write objects, then the manifest, then delete garbage, so a crash between steps is safe. Blocks.
 * One thread at a time.
 */
final class LogArchive {

    private final Disk disk;
    private final LogArchiveStore objects;
    private final ManifestFile file;
    private final LocalLogSettings settings;
    private LogManifest manifest = LogManifest.EMPTY;

    LogArchive(Disk disk, LogArchiveStore objects, ManifestFile file, LocalLogSettings settings) {
        this.disk = disk;
        this.objects = objects;
        this.file = file;
        this.settings = settings;
    }

    LogManifest load() throws IOException {
        manifest = file.read();
        return manifest;
    }

    byte[] read(StoredCheckpoint checkpoint) {
        return objects.checkpoint(checkpoint).join();
    }

    EpochFrames.EpochContent read(StoredArchive past) {
        return objects.archive(past).join();
    }

    LogManifest manifest() {
        return manifest;
    }

    /** Archives a sealed epoch. May be repeated after a failure. */
    void archive(EpochFiles.SealedEpoch epoch, EpochFiles files) throws IOException {
        if (epoch.epoch() < manifest.firstLiveEpoch()) {
            disk.delete(files.path(epoch.epoch()));
            return;
        }
        String name = files.path(epoch.epoch()).toString();
        byte[] bytes =
                disk.read(files.path(epoch.epoch()), 0, (int) disk.size(files.path(epoch.epoch())));
        EpochFrames.EpochContent content = EpochFrames.read(bytes, name);
        if (content.corrupt() || content.entries().size() != epoch.entries()) {
            throw EpochFrames.corrupt(name, content.soundBytes());
        }
        replace(
                manifest.with(
                        objects.putArchive(
                                        epoch.epoch(),
                                        epoch.firstPosition(),
                                        epoch.entries(),
                                        Arrays.copyOf(bytes, content.soundBytes()))
                                .join()));
        disk.delete(files.path(epoch.epoch()));
    }

    void storeCheckpoint(long position, long digest, StateSnapshot snapshot) throws IOException {
        replace(
                manifest.with(
                        objects.putCheckpoint(position, digest, snapshot).join(),
                        settings.archivesKept()));
    }

    private void replace(LogManifest next) throws IOException {
        file.write(next);
        manifest = next;
        if (!next.garbage().isEmpty()) {
            objects.delete(next.garbage()).join();
            // The file lists the garbage until its next replacement; deleting twice is harmless.
            manifest = next.withoutGarbage();
        }
    }
}
