package io.millrace.compaction.key;

import io.millrace.compaction.input.MergeSettings;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Selects the partitions of a run while the key table has room and the numbers of objects and
 * extents stay in their limits. The first partition is exempt from the limits. One owner.
 */
final class KeyCompactionLimits {

    /**
     * A run rewrites a whole partition, however few of its keys fit: a partition whose keys exceed
     * the remaining room by this factor waits for a run of its own.
     */
    private static final int MAX_KEYS_PER_ROOM = 4;

    private final int maxObjects;
    private final List<KeyCompactionSpec.DirtyPartition> selected = new ArrayList<>();
    private final Set<ObjectId> objects = new HashSet<>();
    private long keysLeft;
    private int extents;

    KeyCompactionLimits(long keys, int maxObjects) {
        this.keysLeft = keys;
        this.maxObjects = maxObjects;
    }

    /** Adds a partition within the limits; returns whether a further partition may be added. */
    boolean add(KeyCompactionSpec.DirtyPartition part) {
        Set<ObjectId> with = new HashSet<>(objects);
        part.extents().forEach(extent -> with.add(extent.object().id()));
        long keys = part.endOffset() - part.cleanedTo();
        extents += part.extents().size();
        boolean fits =
                with.size() <= maxObjects
                        && extents <= MergeSettings.MAX_JOB_EXTENTS
                        && keys <= MAX_KEYS_PER_ROOM * keysLeft;
        if (!selected.isEmpty() && !fits) {
            return false;
        }
        selected.add(part);
        objects.addAll(with);
        keysLeft -= keys;
        return keysLeft > 0;
    }

    List<KeyCompactionSpec.DirtyPartition> selected() {
        return List.copyOf(selected);
    }
}
