package io.millrace.metadata.restore;

import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestKey;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import java.util.List;
import java.util.stream.Stream;

/** A log that can be restored, as a copy of its manifest in the bucket describes it. */
public record RestorableLog(ManifestKey key, LogManifest manifest) {

    /**
     * Returns the position of the last entry in the bucket. A checkpoint can cover entries that are
     * not archived yet.
     */
    public long end() {
        return Math.max(manifest.firstLivePosition() - 1, manifest.checkpointPosition());
    }

    /**
     * Returns the checkpoints from which a replay can begin, oldest first. A checkpoint without a
     * key stands for the beginning of the log.
     */
    List<StoredCheckpoint> starts() {
        return Stream.concat(
                        manifest.superseded().stream(),
                        Stream.of(
                                manifest.checkpoint()
                                        .orElse(StoredCheckpoint.getDefaultInstance())))
                .toList();
    }

    /** Returns the archives after a position up to an entry, oldest first. */
    List<StoredArchive> archives(long after, long end) {
        return manifest.archivesAfter(after).stream()
                .filter(archive -> archive.getFirstPosition() <= end)
                .toList();
    }
}
