package io.millrace.group.assignor;

import io.millrace.metadata.topic.PartitionId;
import java.util.Map;

/** How a group's partitions are shared out among its members. */
public enum AssignmentStrategy {
    /** As evenly as can be, with few moves. */
    STICKY {
        @Override
        public Map<PartitionId, String> share(AssignmentSpec sharing) {
            return new StickyAssignor(sharing, false).partitions();
        }
    },
    /** Each member gets neighbouring partitions, the same numbers of each topic. */
    RANGE {
        @Override
        public Map<PartitionId, String> share(AssignmentSpec sharing) {
            return RangeAssignor.partitions(sharing);
        }
    },
    /** As evenly as can be, then in the partition's zone as far as can be, then with few moves. */
    ZONE_AWARE {
        @Override
        public Map<PartitionId, String> share(AssignmentSpec sharing) {
            return new StickyAssignor(sharing, true).partitions();
        }
    };

    /** The member of each partition that has a subscriber: the same whenever asked the same. */
    public abstract Map<PartitionId, String> share(AssignmentSpec sharing);
}
