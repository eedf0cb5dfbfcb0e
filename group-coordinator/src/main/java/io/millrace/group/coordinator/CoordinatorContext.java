package io.millrace.group.coordinator;

import io.millrace.group.GroupMetrics;
import io.millrace.metadata.topic.PartitionId;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The dependencies shared by all groups of a coordinator.
 *
 * @param memberIds the source of unique member ids
 * @param zoneOf the zone in which a partition is best read; empty if irrelevant
 * @param firstOffset the first readable offset of a partition
 */
record CoordinatorContext(
        MemberTimers timers,
        Supplier<String> memberIds,
        Function<PartitionId, String> zoneOf,
        ToLongFunction<PartitionId> firstOffset,
        GroupMetrics metrics) {}
