package io.millrace.fetch;

import java.util.Comparator;

/** A partition of a topic, whatever the topic's name. In the order of topic ids and numbers. */
public record PartitionKey(long topicId, int partition) implements Comparable<PartitionKey> {

    private static final Comparator<PartitionKey> ORDER =
            Comparator.comparingLong(PartitionKey::topicId)
                    .thenComparingInt(PartitionKey::partition);

    @Override
    public int compareTo(PartitionKey other) {
        return ORDER.compare(this, other);
    }
}
