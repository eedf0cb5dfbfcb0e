package io.millrace.client.producer;

import io.millrace.client.admin.TopicOperations;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.OutgoingRecord;

/**
 * A topic of a producer: the partitions' queues and the partition chooser. Partitions added later
 * are not used.
 */
final class WriteTopic {

    private final String name;
    private final PartitionQueue[] queues;
    private final PartitionChooser partitions;

    WriteTopic(String name, PartitionQueue[] queues, PartitionChooser partitions) {
        this.name = name;
        this.queues = queues;
        this.partitions = partitions;
    }

    /**
     * @param firstPartition the first partition for records without key; any number
     */
    static WriteTopic of(
            TopicOperations.Topic topic, ProducerSettings settings, int firstPartition) {
        PartitionQueue[] queues = new PartitionQueue[topic.partitionCount()];
        for (int i = 0; i < queues.length; i++) {
            SequencedPartition lane =
                    new SequencedPartition(settings.idempotent(), settings.inFlightPerPartition());
            queues[i] = new PartitionQueue(new TopicPartition(topic.name(), i), lane);
        }
        return new WriteTopic(
                topic.name(), queues, new PartitionChooser(queues.length, firstPartition));
    }

    PartitionQueue queueFor(OutgoingRecord record) {
        return queue(
                record.partition() == OutgoingRecord.BY_KEY
                        ? partitions.partitionOf(record.key())
                        : record.partition());
    }

    /**
     * @throws MillraceException.Rejected if the topic has no such partition
     */
    PartitionQueue queue(int partition) {
        if (partition < 0 || partition >= queues.length) {
            throw new MillraceException.Rejected(
                    TopicOperations.noPartition(name, partition, queues.length));
        }
        return queues[partition];
    }

    PartitionQueue[] queues() {
        return queues;
    }

    void batchSent(PartitionQueue queue) {
        partitions.batchSent(queue.id.partition());
    }
}
