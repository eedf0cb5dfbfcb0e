package io.millrace.compaction.usage;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.log.LogManifest;
import io.millrace.metadata.log.ManifestEntry;
import io.millrace.metadata.topic.Topic;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

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
     * Returns the current usage. The cost is proportional to objects, partitions and extents in
     * memory. Only on the event loop.
     */
    public static StoredUsage of(Metadata metadata, LogManifest past) {
        List<StoredObject> stored = metadata.objects().referencedObjects();
        List<LevelUsage> levels = new ArrayList<>();
        levels.add(of(StorageLevel.WAL_BLOCK, ObjectId.Kind.WAL, stored));
        levels.add(of(StorageLevel.SEGMENT, ObjectId.Kind.SEGMENT, stored));
        levels.add(of(StorageLevel.MANIFEST, ObjectId.Kind.MANIFEST, stored));
        levels.add(
                dereferenced(metadata.objects().dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE)));
        levels.add(of(past));
        Map<Long, Long> objects = metadata.objects().objectCountsByTopic();
        List<TopicUsage> topics =
                metadata.topics().all().stream()
                        .sorted(Comparator.comparing(Topic::name))
                        .map(topic ->
                                new TopicUsage(
                                        topic.name(),
                                        objects.getOrDefault(topic.id(), 0L),
                                        liveBytes(metadata, topic)))
                        .toList();
        return new StoredUsage(levels, topics);
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

    private static long liveBytes(Metadata metadata, Topic topic) {
        return IntStream.range(0, topic.partitionCount())
                .mapToLong(partition ->
                        metadata.view()
                                .partition(topic.id(), partition)
                                .map(PartitionLog::sizeBytes)
                                .orElse(0L))
                .sum();
    }
}
