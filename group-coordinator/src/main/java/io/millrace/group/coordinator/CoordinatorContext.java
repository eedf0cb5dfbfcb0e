package io.millrace.group.coordinator;

import io.millrace.group.GroupMetrics;
import io.millrace.group.TopicAccess;
import io.millrace.metadata.topic.PartitionId;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The dependencies shared by all groups of a coordinator.
 *
 * @param zoneOf the preferred zone of a partition's reader; empty if irrelevant
 */
record CoordinatorContext(
        MemberTimers timers,
        Supplier<String> memberIds,
        Function<PartitionId, String> zoneOf,
        ToLongFunction<PartitionId> firstOffset,
        TopicAccess access,
        GroupMetrics metrics) {}
