package io.millrace.metadata.topic;

import java.util.Comparator;

/** A partition of a topic, whatever the topic's name. In the order of topic ids and numbers. */
public record PartitionId(long topicId, int partition) implements Comparable<PartitionId> {

    private static final Comparator<PartitionId> ORDER =
            Comparator.comparingLong(PartitionId::topicId).thenComparingInt(PartitionId::partition);

    @Override
    public int compareTo(PartitionId other) {
        return ORDER.compare(this, other);
    }
}
