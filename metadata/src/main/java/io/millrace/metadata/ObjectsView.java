package io.millrace.metadata;

import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Read access to the stream objects in the applied state. Only on the loop that owns the state. */
public interface ObjectsView {

    long appliedEntries();

    /**
     * Returns the dereferenced objects that may still be in the bucket, in the order of entries.
     *
     * @param entry the last entry to include
     * @param max the number of objects after which no further entry is started, at least 1
     */
    List<DereferencedObjects> dereferenced(long entry, int max);

    long extentsInMemory();

    /**
     * Returns unreachable ranges. Their extents must be reloaded before the reclaim of the objects.
     *
     * @param after the range before the first result; empty to start with the first range
     */
    List<OffloadedRange> unreachableRanges(Optional<OffloadedRange> after, int max);

    /** Returns a referenced object, in constant time. */
    Optional<ObjectRef> find(ObjectId id);

    /** Returns the referenced objects in time proportional to their number. */
    List<StoredObject> referencedObjects();

    /** Begins to count the objects with data of each topic, in time proportional to all objects. */
    ObjectCount countObjects();

    /** Returns the referenced objects among {@code ids}, in time proportional to all objects. */
    Set<ObjectId> referencedAmong(Set<ObjectId> ids);

    /**
     * Returns a search for the extents in the given objects. Each call reads the current state,
     * without extents added after the search was made.
     */
    ExtentSearch search(Set<ObjectId> ids);

    /** Returns the cleaned offset of a partition; 0 if unknown. */
    long cleanedTo(long topicId, int partition);

    /**
     * A count of the objects with data of each topic. An object's offloaded content counts only for
     * the topic of its first extent. Objects that are added or deleted meanwhile may be missing.
     */
    interface ObjectCount {
        /**
         * Counts the objects of in-memory extents of a partition. The partitions of a topic follow
         * each other.
         */
        void add(long topicId, int partition);

        /** Returns the counts by topic id; topics without objects are absent. */
        Map<Long, Long> byTopic();
    }

    /** A search for extents by object. */
    @FunctionalInterface
    interface ExtentSearch {
        /** Returns the matching extents in offset order; none for an unknown partition. */
        List<Extent> extentsOf(long topicId, int partition);
    }
}
