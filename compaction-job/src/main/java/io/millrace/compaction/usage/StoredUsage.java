package io.millrace.compaction.usage;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestEntry;
import io.millrace.storage.stream.ObjectId;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The storage used by a cluster in its bucket, by level and by topic. */
public record StoredUsage(List<LevelUsage> levels, List<TopicUsage> topics) {

    /** The stage in the life of an object. */
    public enum StorageLevel {
        WAL_BLOCK,
        SEGMENT,
        MANIFEST,
        DEREFERENCED,
        /** Archives of the metadata log and retained checkpoints. */
        METADATA
    }

    /**
     * The objects of one level.
     *
     * @param liveBytes bytes that extents reference
     */
    public record LevelUsage(StorageLevel level, long objects, long sizeBytes, long liveBytes) {}

    /**
     * The usage of a topic.
     *
     * @param objects number of objects with data of the topic; an object may have data of many
     *     topics
     * @param liveBytes size of readable batches
     */
    public record TopicUsage(String topic, long objects, long liveBytes) {}

    public StoredUsage {
        levels = List.copyOf(levels);
        topics = List.copyOf(topics);
    }

    /**
     * Returns the current usage. Counts in slices, so changes meanwhile may be missing. Called and
     * completed on the event loop.
     */
    public static CompletableFuture<StoredUsage> of(Metadata metadata, LogManifest past) {
        return new TopicUsageCount(metadata)
                .run()
                .thenApply(topics -> new StoredUsage(levels(metadata, past), topics));
    }

    /** Returns the topics with the most live bytes, by live bytes and name. */
    public List<TopicUsage> largestTopics(int max) {
        return topics.stream()
                .sorted(Comparator.comparingLong(TopicUsage::liveBytes).reversed())
                .limit(max)
                .toList();
    }

    private static List<LevelUsage> levels(Metadata metadata, LogManifest past) {
        List<StoredObject> stored = metadata.objects().referencedObjects();
        return List.of(
                of(StorageLevel.WAL_BLOCK, ObjectId.Kind.WAL, stored),
                of(StorageLevel.SEGMENT, ObjectId.Kind.SEGMENT, stored),
                of(StorageLevel.MANIFEST, ObjectId.Kind.MANIFEST, stored),
                dereferenced(metadata.objects().dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE)),
                of(past));
    }

    private static LevelUsage of(
            StorageLevel level, ObjectId.Kind kind, List<StoredObject> stored) {
        long objects = 0;
        long sizeBytes = 0;
        long liveBytes = 0;
        for (StoredObject object : stored) {
            if (object.object().id().kind() == kind) {
                objects++;
                sizeBytes += object.object().sizeBytes();
                liveBytes += object.liveBytes();
            }
        }
        return new LevelUsage(level, objects, sizeBytes, liveBytes);
    }

    private static LevelUsage dereferenced(List<DereferencedObjects> rows) {
        return new LevelUsage(
                StorageLevel.DEREFERENCED,
                rows.stream().mapToLong(DereferencedObjects::count).sum(),
                rows.stream().mapToLong(DereferencedObjects::sizeBytes).sum(),
                0);
    }

    private static LevelUsage of(LogManifest past) {
        return new LevelUsage(
                StorageLevel.METADATA,
                past.referencedObjects().size(),
                past.referencedObjects().stream().mapToLong(ManifestEntry::sizeBytes).sum(),
                0);
    }
}
