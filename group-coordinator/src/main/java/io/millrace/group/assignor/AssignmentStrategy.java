package io.millrace.group.assignor;

import io.millrace.metadata.topic.PartitionId;
import java.util.Map;

/** A strategy for the assignment of a group's partitions to members. */
public enum AssignmentStrategy {
    /** Balanced, with few moves. */
    STICKY {
        @Override
        public Map<PartitionId, String> assign(AssignmentSpec sharing) {
            return new StickyAssignor(sharing, false).partitions();
        }
    },
    /** Consecutive partitions for each member, with ranges of equal size in each topic. */
    RANGE {
        @Override
        public Map<PartitionId, String> assign(AssignmentSpec sharing) {
            return RangeAssignor.partitions(sharing);
        }
    },
    /** Balanced first, then in the partition's zone, then with few moves. */
    ZONE_AWARE {
        @Override
        public Map<PartitionId, String> assign(AssignmentSpec sharing) {
            return new StickyAssignor(sharing, true).partitions();
        }
    };

    /** Returns the member of each partition that has a subscriber. Deterministic. */
    public abstract Map<PartitionId, String> assign(AssignmentSpec sharing);
}
