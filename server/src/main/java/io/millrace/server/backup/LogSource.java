package io.millrace.server.backup;

import static io.millrace.server.node.ClusterAccess.await;

import io.millrace.metadata.feature.FeatureLevels;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestEntry;
import io.millrace.metadata.log.ManifestKey;
import io.millrace.metadata.log.archive.EpochFrames;
import io.millrace.metadata.log.archive.LogArchiveStore;
import io.millrace.metadata.proto.StoredArchive;
import io.millrace.metadata.restore.LogReplay;
import io.millrace.metadata.restore.RestorableLog;
import io.millrace.metadata.restore.RestorePlan;
import io.millrace.metadata.restore.RestoreRefusedException;
import io.millrace.storage.object.Listing.ListedObject;
import io.millrace.storage.object.ObjectStore;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/**
 * The archives and checkpoints of a cluster in a bucket or in a backup of it. Blocks; one thread.
 */
final class LogSource {

    private static final int PAGE = 1000;
    private static final int NAMES = 5;

    private final ObjectStore store;
    private final LogArchiveStore past;
    private final String cluster;
    private final String place;

    /**
     * @param place the name of the bucket, for messages
     */
    LogSource(ObjectStore store, String cluster, String place, RandomGenerator random) {
        this.store = store;
        this.past = new LogArchiveStore(store, cluster, random);
        this.cluster = cluster;
        this.place = place;
    }

    LogArchiveStore past() {
        return past;
    }

    /** Returns the keys of all copies of the manifest. */
    Set<ManifestKey> manifestKeys() {
        Set<ManifestKey> keys = new TreeSet<>();
        for (ListedObject object : await(past.manifests())) {
            ManifestKey.parse(object.name(), cluster).ifPresent(keys::add);
        }
        return keys;
    }

    /**
     * Reads all copies of the manifest.
     *
     * @throws RestoreRefusedException if there is none
     */
    List<RestorableLog> logs() {
        List<RestorableLog> logs = new ArrayList<>();
        for (ListedObject object : await(past.manifests())) {
            ManifestKey key = ManifestKey.parse(object.name(), cluster).orElseThrow();
            LogManifest manifest = await(past.manifest(key, object.sizeBytes()));
            logs.add(new RestorableLog(key, manifest));
        }
        if (logs.isEmpty()) {
            throw new RestoreRefusedException(
                    "%s has no log manifest (%s) of a cluster named %s, so its metadata cannot be read. %s Correct --bucket and --cluster. A bucket that is half copied lacks it too: copy it again."
                            .formatted(
                                    place, ManifestKey.prefix(cluster), cluster, otherClusters()));
        }
        return logs;
    }

    private String otherClusters() {
        Set<String> names = new TreeSet<>();
        for (ListedObject object : await(store.list("manifest/", "", PAGE)).objects()) {
            String[] parts = object.name().split("/", 3);
            if (parts.length == 3) {
                names.add(parts[1]);
            }
        }
        return names.isEmpty()
                ? "It has none of another cluster."
                : "It has those of " + String.join(", ", names) + ".";
    }

    /**
     * Verifies that the objects of a plan exist with their sizes.
     *
     * @throws RestoreRefusedException with the names of missing objects
     */
    void requireObjects(RestorePlan plan) {
        List<ManifestEntry> missing =
                ReadAhead.all(
                                plan.objects(),
                                object ->
                                        store.list(object.key().value(), "", 1)
                                                .thenApply(page ->
                                                        page.objects().stream()
                                                                        .anyMatch(found ->
                                                                                matches(
                                                                                        found,
                                                                                        object))
                                                                ? List.<ManifestEntry>of()
                                                                : List.of(object)))
                        .stream()
                        .flatMap(List::stream)
                        .toList();
        if (!missing.isEmpty()) {
            throw new RestoreRefusedException(
                    "%s lacks %d of the %d archives and checkpoints that its log manifest lists, or has them with another size: %s. The bucket is half copied or objects were deleted: copy them again, or restore another point with --to."
                            .formatted(
                                    place,
                                    missing.size(),
                                    plan.objects().size(),
                                    names(
                                            missing.stream()
                                                    .map(object -> object.key().value())
                                                    .toList())));
        }
    }

    /** Returns whether an object is there with its size. */
    boolean has(ManifestEntry object) {
        return await(store.list(object.key().value(), "", 1)).objects().stream()
                .anyMatch(found -> matches(found, object));
    }

    private static boolean matches(ListedObject found, ManifestEntry object) {
        return found.name().equals(object.key().value()) && found.sizeBytes() == object.sizeBytes();
    }

    /** Returns the first names of a list. */
    static String names(Collection<String> all) {
        String first = String.join(", ", all.stream().sorted().limit(NAMES).toList());
        return all.size() > NAMES ? first + ", and more" : first;
    }

    /**
     * Replays the checkpoint and the archives of a plan. Verifies all checksums.
     *
     * @throws RuntimeException if an object is damaged
     */
    LogReplay replay(RestorePlan plan) {
        LogReplay replay = new LogReplay(FeatureLevels.ALL, plan.target());
        if (plan.startsAtCheckpoint()) {
            replay.checkpoint(plan.start(), await(past.checkpoint(plan.start())));
        }
        ReadAhead<StoredArchive, EpochFrames.EpochContent> reads =
                new ReadAhead<>(plan.archives(), past::archive);
        for (StoredArchive archive : plan.archives()) {
            if (replay.isAtTarget()) {
                break;
            }
            replay.archive(archive, reads.next());
        }
        return replay;
    }
}
