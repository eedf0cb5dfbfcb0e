package io.millrace.fetch.group;

import io.millrace.fetch.PartitionKey;
import java.util.Map;

/** How a group's partitions are shared out among its members. */
public enum Assignor {
    /** As evenly as can be, with few moves. */
    STICKY {
        @Override
        Map<PartitionKey, String> share(Sharing sharing) {
            return new BalancedShare(sharing, false).partitions();
        }
    },
    /** Each member gets neighbouring partitions, the same numbers of each topic. */
    RANGE {
        @Override
        Map<PartitionKey, String> share(Sharing sharing) {
            return RangeShare.partitions(sharing);
        }
    },
    /** As evenly as can be, then in the partition's zone as far as can be, then with few moves. */
    ZONE_AWARE {
        @Override
        Map<PartitionKey, String> share(Sharing sharing) {
            return new BalancedShare(sharing, true).partitions();
        }
    };

    /** The member of each partition that has a subscriber: the same whenever asked the same. */
    abstract Map<PartitionKey, String> share(Sharing sharing);
}
