package io.millrace.metadata;

import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the clean-up of the bucket may ask of the applied state. Only on the loop that owns it. */
public interface ObjectsView {

    /** How many entries of the log are applied. */
    long entries();

    /**
     * The objects that no extent names any more and that may still be in the bucket, in the order
     * in which they went.
     *
     * @param entry only those that went with this entry or an earlier one
     * @param max at least 1: no further entry is begun when there are so many objects
     */
    List<DereferencedObjects> dereferenced(long entry, int max);

    /** How many extents are in memory. */
    long extents();

    /**
     * Rows that no reader can reach any more, and whose extents are to be brought back so that what
     * they name can go.
     *
     * @param after the last one that is not wanted any more; empty to begin at the first
     * @param max at most so many
     */
    List<OffloadedRange> unreachable(Optional<OffloadedRange> after, int max);

    /** The objects that extents name. Costs as much as there are. */
    List<StoredObject> stored();

    /**
     * In how many objects each topic has something, by its id; without topics that have no records.
     * What lies in manifests alone counts for the topic of what was put into its object first.
     * Costs as much as there are objects, partitions, and extents in memory.
     */
    Map<Long, Long> countsByTopic();

    /** Those among these objects that extents name. Costs as much as there are objects in all. */
    Set<ObjectId> named(Set<ObjectId> ids);

    /**
     * A search for the extents that lie in some objects. It may be kept: what it finds is as of
     * when it is asked, but not what extents came into those objects since.
     */
    ExtentSearch search(Set<ObjectId> ids);

    /**
     * How far a partition of a compacted topic is cleaned: below this offset no key has two
     * records. 0 if that is not known of any.
     */
    long cleanedTo(long topicId, int partition);

    /** Finds extents by objects. */
    @FunctionalInterface
    interface ExtentSearch {
        /** Those of a partition, in offset order; none if there is no such partition. */
        List<Extent> of(long topicId, int partition);
    }
}
