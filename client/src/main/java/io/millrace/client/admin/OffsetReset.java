package io.millrace.client.admin;

import io.millrace.client.partition.StartPosition;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * A request to reset the committed offsets of a consumer group in a topic. Immutable.
 *
 * @param to the target; clamped to the readable offsets
 * @param partitions the numbers of the partitions; empty for all or, with a relative target, for
 *     all with a committed offset
 * @param create true to create the group if missing
 */
public record OffsetReset(
        String group, String topic, Target to, Set<Integer> partitions, boolean create) {

    /** The target of an offset reset. */
    public sealed interface Target {

        /** A position. */
        record ToPosition(StartPosition place) implements Target {}

        /** A shift relative to the committed offset; backward if negative. */
        record ShiftBy(long offsets) implements Target {}
    }

    public OffsetReset {
        partitions = Collections.unmodifiableSet(new TreeSet<>(partitions));
    }

    /** Returns a reset of all partitions to a position. */
    public static OffsetReset to(String group, String topic, StartPosition place) {
        return new OffsetReset(group, topic, new Target.ToPosition(place), Set.of(), false);
    }

    public static OffsetReset shiftBy(String group, String topic, long offsets) {
        return new OffsetReset(group, topic, new Target.ShiftBy(offsets), Set.of(), false);
    }

    public OffsetReset withPartitions(Collection<Integer> these) {
        return new OffsetReset(group, topic, to, Set.copyOf(these), create);
    }

    public OffsetReset creatingGroup() {
        return new OffsetReset(group, topic, to, partitions, true);
    }
}
