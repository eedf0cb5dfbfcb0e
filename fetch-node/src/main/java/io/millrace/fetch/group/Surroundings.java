package io.millrace.fetch.group;

import io.millrace.fetch.PartitionKey;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What all groups at a coordinator share.
 *
 * @param memberIds gives ids that no member ever had
 * @param zoneOf where a partition is best read; empty if that makes no difference
 */
record Surroundings(
        MemberTimers timers,
        Supplier<String> memberIds,
        Function<PartitionKey, String> zoneOf,
        GroupMetrics metrics) {}
