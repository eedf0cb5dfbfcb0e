package io.millrace.group.assignor;

import io.millrace.metadata.topic.PartitionId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;

/**
 * The input of an {@link AssignmentStrategy}. Must not change during the computation.
 *
 * @param members the members of the group, in any order
 * @param topics the number of partitions by topic id
 * @param current the current holder of each partition; may contain removed members and deleted
 *     partitions
 * @param zoneOf the zone in which a partition is best read; empty if irrelevant
 */
public record AssignmentSpec(
        List<MemberSpec> members,
        SortedMap<Long, Integer> topics,
        Map<PartitionId, String> current,
        Function<PartitionId, String> zoneOf) {

    /**
     * A member of the group.
     *
     * @param id the unique member id
     * @param rank the sort key of the member where order matters; stable across restarts
     * @param zone the member's zone; empty if unknown
     * @param topics the ids of the subscribed topics
     */
    public record MemberSpec(String id, String rank, String zone, Set<Long> topics) {}
}
