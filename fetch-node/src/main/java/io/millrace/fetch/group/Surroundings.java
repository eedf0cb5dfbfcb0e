package io.millrace.fetch.group;

import io.millrace.fetch.PartitionKey;
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
record Surroundings(
        MemberTimers timers,
        Supplier<String> memberIds,
        Function<PartitionKey, String> zoneOf,
        ToLongFunction<PartitionKey> firstOffset,
        GroupMetrics metrics) {}
