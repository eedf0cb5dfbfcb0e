package io.millrace.client.admin;

import io.millrace.client.partition.StartPosition;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * A wish to let a consumer group go on elsewhere in a topic. Immutable.
 *
 * @param group its id
 * @param topic its name
 * @param to where to; what cannot be read is moved to the start or end of what can
 * @param partitions which of the topic; none for all, or for all with a committed offset where the
 *     move is relative to that
 * @param create whether to create the group if there is none
 */
public record OffsetReset(
        String group, String topic, Target to, Set<Integer> partitions, boolean create) {

    /** Where a group is to go on. */
    public sealed interface Target {

        /** At a place. */
        record At(StartPosition place) implements Target {}

        /** So many offsets behind the committed one; before it if negative. */
        record By(long offsets) implements Target {}
    }

    public OffsetReset {
        partitions = Collections.unmodifiableSet(new TreeSet<>(partitions));
    }

    /** To the same kind of place in all partitions of a topic. */
    public static OffsetReset to(String group, String topic, StartPosition place) {
        return new OffsetReset(group, topic, new Target.At(place), Set.of(), false);
    }

    /** By so many offsets, in all partitions of a topic for which one is committed. */
    public static OffsetReset by(String group, String topic, long offsets) {
        return new OffsetReset(group, topic, new Target.By(offsets), Set.of(), false);
    }

    /** Only in these partitions. */
    public OffsetReset in(Collection<Integer> these) {
        return new OffsetReset(group, topic, to, Set.copyOf(these), create);
    }

    /** Creating the group if there is none. */
    public OffsetReset creating() {
        return new OffsetReset(group, topic, to, partitions, true);
    }
}
