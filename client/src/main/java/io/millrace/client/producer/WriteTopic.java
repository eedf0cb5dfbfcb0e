package io.millrace.client.producer;

import io.millrace.client.admin.TopicOperations;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.OutgoingRecord;
import java.util.Arrays;

/**
 * A topic of a producer: the partitions' queues and the partition chooser. Thread-safe.
 *
 * <p>The queues outlive a deletion of the topic, because a queue owns its sequences: under the same
 * name a partition is the same partition to a producer.
 */
final class WriteTopic {

    /**
     * @param queues the queues of all partitions, and of partitions that no longer exist
     */
    private record Layout(PartitionQueue[] queues, PartitionChooser partitions) {}

    private final String name;
    private final ProducerSettings settings;
    private final TopicAge age;
    private volatile Layout layout;

    private WriteTopic(String name, ProducerSettings settings, TopicAge age, Layout layout) {
        this.name = name;
        this.settings = settings;
        this.age = age;
        this.layout = layout;
    }

    /**
     * @param nowNanos the time of the look-up, which also selects the first partition for records
     *     without key
     */
    static WriteTopic of(TopicOperations.Topic topic, ProducerSettings settings, long nowNanos) {
        int count = topic.partitionCount();
        Layout layout =
                new Layout(
                        queues(topic.name(), settings, new PartitionQueue[0], count),
                        new PartitionChooser(count, (int) (nowNanos >>> 10)));
        return new WriteTopic(topic.name(), settings, new TopicAge(nowNanos), layout);
    }

    private static PartitionQueue[] queues(
            String topic, ProducerSettings settings, PartitionQueue[] known, int count) {
        PartitionQueue[] queues = Arrays.copyOf(known, Math.max(known.length, count));
        for (int i = known.length; i < queues.length; i++) {
            SequencedPartition sequenced =
                    new SequencedPartition(settings.idempotent(), settings.inFlightPerPartition());
            queues[i] = new PartitionQueue(new TopicPartition(topic, i), sequenced);
        }
        return queues;
    }

    String name() {
        return name;
    }

    TopicAge age() {
        return age;
    }

    /** Applies a new number of partitions to later records. */
    synchronized void resize(int count) {
        Layout before = layout;
        if (count != before.partitions().count()) {
            layout =
                    new Layout(
                            queues(name, settings, before.queues(), count),
                            new PartitionChooser(count, before.partitions().partitionOf(null)));
        }
    }

    PartitionQueue queueFor(OutgoingRecord record) {
        if (record.partition() != OutgoingRecord.BY_KEY) {
            return queue(record.partition());
        }
        Layout current = layout;
        return current.queues()[current.partitions().partitionOf(record.key())];
    }

    /**
     * @throws MillraceException.Rejected if the topic has no such partition
     */
    PartitionQueue queue(int partition) {
        Layout current = layout;
        int count = current.partitions().count();
        if (partition < 0 || partition >= count) {
            throw new MillraceException.Rejected(
                    TopicOperations.noPartition(name, partition, count));
        }
        return current.queues()[partition];
    }

    PartitionQueue[] queues() {
        return layout.queues();
    }

    void batchSent(PartitionQueue queue) {
        layout.partitions().batchSent(queue.id.partition());
    }
}
