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
 * @param topics the number of partitions by topic id
 * @param current the current holder of each partition; may contain removed members and deleted
 *     partitions
 * @param zoneOf the preferred zone of a partition's reader; empty if irrelevant
 */
public record AssignmentSpec(
        List<MemberSpec> members,
        SortedMap<Long, Integer> topics,
        Map<PartitionId, String> current,
        Function<PartitionId, String> zoneOf) {

    /**
     * A member of the group.
     *
     * @param rank the sort key of the member where order matters; stable across restarts
     */
    public record MemberSpec(String id, String rank, String zone, Set<Long> topics) {}
}
