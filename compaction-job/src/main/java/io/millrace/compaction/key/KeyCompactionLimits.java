package io.millrace.compaction.key;

import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What of a topic one pass takes on: as many partitions as it can know all keys of and have the
 * objects of open at a time, or one. The objects of that are opened as they come. One owner.
 */
final class KeyCompactionLimits {

    private final int maxObjects;
    private final List<KeyCompaction.Part> parts = new ArrayList<>();
    private final Set<ObjectId> objects = new HashSet<>();
    private long keysLeft;

    /**
     * @param keys that there is memory for, at least 1
     * @param maxObjects for more than one partition
     */
    KeyCompactionLimits(long keys, int maxObjects) {
        this.keysLeft = keys;
        this.maxObjects = maxObjects;
    }

    /**
     * Takes on a partition, or leaves it to the next pass if it lies in too many more objects.
     *
     * @return whether the next one may be added
     */
    boolean add(KeyCompaction.Part part) {
        Set<ObjectId> with = new HashSet<>(objects);
        part.extents().forEach(extent -> with.add(extent.object().id()));
        if (!parts.isEmpty() && with.size() > maxObjects) {
            return false;
        }
        parts.add(part);
        objects.addAll(with);
        keysLeft -= part.endOffset() - part.cleanedTo();
        return keysLeft > 0;
    }

    /** What was taken on, as it came. */
    List<KeyCompaction.Part> parts() {
        return List.copyOf(parts);
    }
}
