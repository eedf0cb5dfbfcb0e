package io.millrace.client.producer;

import io.millrace.client.admin.TopicOperations;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.OutgoingRecord;

/**
 * A topic that a producer sends to: the partitions' queues and the partition chooser. Immutable
 * except for these parts, which have owners of their own. Partitions added later are not used.
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

    /**
     * Returns the queue of a record's partition.
     *
     * @throws MillraceException.Refused if the topic has no such partition
     */
    PartitionQueue queueFor(OutgoingRecord record) {
        return queue(
                record.partition() == OutgoingRecord.BY_KEY
                        ? partitions.partitionOf(record.key())
                        : record.partition());
    }

    /**
     * @throws MillraceException.Refused if the topic has no such partition
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

    /** Reports that a batch was sent, so that records without key move to a different partition. */
    void batchSent(PartitionQueue queue) {
        partitions.batchSent(queue.id.partition());
    }
}
