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

/**
 * What a cluster keeps in its bucket, and what its topics hold, as its metadata know it.
 *
 * @param levels one for each level
 * @param topics all of them, by name
 */
public record StoredUsage(List<OfLevel> levels, List<OfTopic> topics) {

    /** Where objects are in their lives. */
    public enum Level {
        /** Written by an ingest node. */
        WAL_BLOCK,
        /** Written by a merge. */
        SEGMENT,
        /** Extents that no node keeps in memory. */
        MANIFEST,
        /** Named no more, and to be deleted. */
        DEREFERENCED,
        /** Archives of the metadata log, and the checkpoints that are kept. */
        METADATA
    }

    /**
     * The objects of one level.
     *
     * @param sizeBytes of all of them
     * @param liveBytes of what extents name in them
     */
    public record OfLevel(Level level, long objects, long sizeBytes, long liveBytes) {}

    /**
     * A topic.
     *
     * @param objects that hold something of it, see {@link
     *     io.millrace.metadata.ObjectsView#countsByTopic}; one may hold something of many topics
     * @param liveBytes of batches that can be read
     */
    public record OfTopic(String topic, long objects, long liveBytes) {}

    public StoredUsage {
        levels = List.copyOf(levels);
        topics = List.copyOf(topics);
    }

    /**
     * As it is now. Costs as much as there are objects, partitions, and extents in memory. Only on
     * the loop.
     *
     * @param past of the metadata log
     */
    public static StoredUsage of(Metadata metadata, LogManifest past) {
        List<StoredObject> stored = metadata.objects().stored();
        List<OfLevel> levels = new ArrayList<>();
        levels.add(of(Level.WAL_BLOCK, ObjectId.Kind.WAL, stored));
        levels.add(of(Level.SEGMENT, ObjectId.Kind.SEGMENT, stored));
        levels.add(of(Level.MANIFEST, ObjectId.Kind.MANIFEST, stored));
        levels.add(
                dereferenced(metadata.objects().dereferenced(Long.MAX_VALUE, Integer.MAX_VALUE)));
        levels.add(of(past));
        Map<Long, Long> objects = metadata.objects().countsByTopic();
        List<OfTopic> topics =
                metadata.topics().all().stream()
                        .sorted(Comparator.comparing(Topic::name))
                        .map(topic ->
                                new OfTopic(
                                        topic.name(),
                                        objects.getOrDefault(topic.id(), 0L),
                                        liveBytes(metadata, topic)))
                        .toList();
        return new StoredUsage(levels, topics);
    }

    private static OfLevel of(Level level, ObjectId.Kind kind, List<StoredObject> stored) {
        long objects = 0;
        long sizeBytes = 0;
        long liveBytes = 0;
        for (StoredObject one : stored) {
            if (one.object().id().kind() == kind) {
                objects++;
                sizeBytes += one.object().sizeBytes();
                liveBytes += one.liveBytes();
            }
        }
        return new OfLevel(level, objects, sizeBytes, liveBytes);
    }

    private static OfLevel dereferenced(List<DereferencedObjects> rows) {
        return new OfLevel(
                Level.DEREFERENCED,
                rows.stream().mapToLong(DereferencedObjects::count).sum(),
                rows.stream().mapToLong(DereferencedObjects::sizeBytes).sum(),
                0);
    }

    private static OfLevel of(LogManifest past) {
        return new OfLevel(
                Level.METADATA,
                past.named().size(),
                past.named().stream().mapToLong(ManifestEntry::sizeBytes).sum(),
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
