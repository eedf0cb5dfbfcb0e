package io.millrace.compaction.key;

import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Selects the partitions of a run while the key table has room and the number of objects stays in
 * its limit. The first partition is exempt from the object limit. One owner.
 */
final class KeyCompactionLimits {

    private final int maxObjects;
    private final List<KeyCompactionSpec.DirtyPartition> selected = new ArrayList<>();
    private final Set<ObjectId> objects = new HashSet<>();
    private long keysLeft;

    KeyCompactionLimits(long keys, int maxObjects) {
        this.keysLeft = keys;
        this.maxObjects = maxObjects;
    }

    /**
     * Adds a partition within the object limit; returns whether a further partition may be added.
     */
    boolean add(KeyCompactionSpec.DirtyPartition part) {
        Set<ObjectId> with = new HashSet<>(objects);
        part.extents().forEach(extent -> with.add(extent.object().id()));
        if (!selected.isEmpty() && with.size() > maxObjects) {
            return false;
        }
        selected.add(part);
        objects.addAll(with);
        keysLeft -= part.endOffset() - part.cleanedTo();
        return keysLeft > 0;
    }

    List<KeyCompactionSpec.DirtyPartition> selected() {
        return List.copyOf(selected);
    }
}
