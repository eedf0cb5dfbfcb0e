package io.millrace.metadata.topic;

import java.util.Comparator;

/** A partition by topic id and number. */
public record PartitionId(long topicId, int partition) implements Comparable<PartitionId> {

    private static final Comparator<PartitionId> ORDER =
            Comparator.comparingLong(PartitionId::topicId).thenComparingInt(PartitionId::partition);

    @Override
    public int compareTo(PartitionId other) {
        return ORDER.compare(this, other);
    }
}
