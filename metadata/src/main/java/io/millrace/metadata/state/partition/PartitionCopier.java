package io.millrace.metadata.state.partition;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Copies partitions for a snapshot of one entry while later entries are applied: a partition is
 * copied before its first change. Holds such copies until the snapshot takes them. One snapshot at
 * a time.
 */
final class PartitionCopier {

    // Never iterated, so the hash order is irrelevant.
    private final Map<PartitionState, PartitionState.Frozen> copied = new IdentityHashMap<>();
    private final Map<Long, PartitionState[]> deleted = new HashMap<>();
    private boolean inProgress;
    private int snapshot;

    /** Returns the number of the last snapshot, which has copies of none of the new partitions. */
    int snapshot() {
        return snapshot;
    }

    void begin() {
        if (inProgress) {
            throw new IllegalStateException("a snapshot is in progress");
        }
        inProgress = true;
        snapshot++;
    }

    void end() {
        inProgress = false;
        copied.clear();
        deleted.clear();
    }

    void beforeChange(PartitionState partition) {
        if (inProgress && partition.copiedFor != snapshot) {
            partition.copiedFor = snapshot;
            copied.put(partition, partition.freeze());
        }
    }

    void deleted(long topicId, PartitionState[] partitions) {
        if (inProgress) {
            deleted.put(topicId, partitions);
        }
    }

    /** Returns the partitions of a topic that was deleted after the snapshot's entry. */
    PartitionState @Nullable [] deleted(long topicId) {
        return deleted.get(topicId);
    }

    /** Returns the partition as of the snapshot's entry. Called once for each partition. */
    PartitionState.Frozen copy(PartitionState partition) {
        PartitionState.Frozen before = copied.remove(partition);
        if (before != null) {
            return before;
        }
        partition.copiedFor = snapshot;
        return partition.freeze();
    }
}
