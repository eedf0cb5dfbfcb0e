package io.millrace.group.coordinator;

import io.millrace.group.GroupMetrics;
import io.millrace.metadata.topic.PartitionId;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * What all groups at a coordinator share.
 *
 * @param memberIds gives ids that no member ever had
 * @param zoneOf where a partition is best read; empty if that makes no difference
 * @param firstOffset that can be read in a partition
 */
record CoordinatorContext(
        MemberTimers timers,
        Supplier<String> memberIds,
        Function<PartitionId, String> zoneOf,
        ToLongFunction<PartitionId> firstOffset,
        GroupMetrics metrics) {}
