package io.millrace.metadata.restore;

import io.millrace.metadata.log.ManifestEntry;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.proto.StoredCheckpoint;
import java.util.ArrayList;
import java.util.List;

/**
 * The objects from which a state is restored.
 *
 * @param log the restored log
 * @param start the checkpoint at which the replay begins; without a key for the beginning of the
 *     log
 * @param archives the archives to replay, without gaps
 * @param target the point at which the replay ends
 * @param others the newest manifests of the other generations in the bucket, newest first
 */
public record RestorePlan(
        RestorableLog log,
        StoredCheckpoint start,
        List<StoredArchive> archives,
        RestoreTarget target,
        List<RestorableLog> others) {

    public RestorePlan {
        archives = List.copyOf(archives);
        others = List.copyOf(others);
    }

    public boolean startsAtCheckpoint() {
        return !start.getKey().isEmpty();
    }

    /** Returns the objects to read, in the order of the replay. */
    public List<ManifestEntry> objects() {
        List<ManifestEntry> all = new ArrayList<>();
        if (startsAtCheckpoint()) {
            all.add(new ManifestEntry.Checkpoint(start));
        }
        archives.forEach(archive -> all.add(new ManifestEntry.Archive(archive)));
        return all;
    }
}
