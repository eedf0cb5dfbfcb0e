package io.millrace.metadata;

import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Read access to the stream objects in the applied state, for reclaim. Only on the loop that owns
 * the state.
 */
public interface ObjectsView {

    /** Returns the number of applied entries. */
    long appliedEntries();

    /**
     * Returns the unreferenced objects that may still be in the bucket, in the order of the entries
     * that removed the last reference.
     *
     * @param entry the last entry to consider
     * @param max the number of objects after which no further entry is started, at least 1
     */
    List<DereferencedObjects> dereferenced(long entry, int max);

    /** Returns the number of extents in memory. */
    long extentsInMemory();

    /**
     * Returns offloaded ranges that no reader can reach any more. Their extents must be reloaded
     * before the referenced objects can be reclaimed.
     *
     * @param after the range after which the result starts; empty to start with the first
     * @param max the maximum number of ranges
     */
    List<OffloadedRange> unreachableRanges(Optional<OffloadedRange> after, int max);

    /** Returns the referenced objects. Takes time proportional to their number. */
    List<StoredObject> referencedObjects();

    /**
     * Counts the objects with data of each topic, by topic id; topics without records are left out.
     * An object's offloaded content counts only for the topic of the object's first extent. Takes
     * time proportional to the numbers of objects, partitions and in-memory extents.
     */
    Map<Long, Long> objectCountsByTopic();

    /**
     * Returns the referenced objects among the given ones. Takes time proportional to the number of
     * all objects.
     */
    Set<ObjectId> referencedAmong(Set<ObjectId> ids);

    /**
     * Returns a search for the extents in the given objects. The search may be kept: each call
     * reads the current state, but does not find extents that were added to the objects later.
     */
    ExtentSearch search(Set<ObjectId> ids);

    /**
     * Returns the offset up to which a partition of a compacted topic is cleaned: below this offset
     * every key has one record at most. 0 if unknown.
     */
    long cleanedTo(long topicId, int partition);

    /** A search for extents by object. */
    @FunctionalInterface
    interface ExtentSearch {
        /**
         * Returns the matching extents of a partition in offset order; none for an unknown
         * partition.
         */
        List<Extent> extentsOf(long topicId, int partition);
    }
}
