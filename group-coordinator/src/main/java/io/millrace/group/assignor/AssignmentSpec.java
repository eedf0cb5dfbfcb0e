package io.millrace.group.assignor;

import io.millrace.metadata.topic.PartitionId;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Function;

/**
 * What an {@link AssignmentStrategy} has to share out. Not changed while it does.
 *
 * @param members of the group, in any order
 * @param topics the number of partitions of each topic, by its id
 * @param current who has a partition now; members that are gone and partitions that are gone may be
 *     among them
 * @param zoneOf where a partition is best read; empty if that makes no difference
 */
public record AssignmentSpec(
        List<Sharer> members,
        SortedMap<Long, Integer> topics,
        Map<PartitionId, String> current,
        Function<PartitionId, String> zoneOf) {

    /**
     * One of the members.
     *
     * @param id unique
     * @param rank decides its place among the members where that matters: what stays the same over
     *     its restarts
     * @param zone where it runs; empty if it does not know
     * @param topics what it reads, by their ids
     */
    public record Sharer(String id, String rank, String zone, Set<Long> topics) {}
}
