package io.millrace.client.partition;

/** A partition of a topic, numbered from 0. */
public record TopicPartition(String topic, int partition) implements Comparable<TopicPartition> {

    public TopicPartition {
        if (partition < 0) {
            throw new IllegalArgumentException("A partition must not be negative: " + partition);
        }
    }

    @Override
    public int compareTo(TopicPartition other) {
        int byTopic = topic.compareTo(other.topic);
        return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
    }

    @Override
    public String toString() {
        return "topic " + topic + ", partition " + partition;
    }
}
