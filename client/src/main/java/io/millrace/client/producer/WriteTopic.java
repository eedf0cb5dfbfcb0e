package io.millrace.client.producer;

import io.millrace.client.admin.TopicOperations;
import io.millrace.client.error.MillraceException;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.OutgoingRecord;

/**
 * A topic that a producer sends to: its partitions' batches, and the choice among them. Immutable
 * but for what it holds, each with an owner of its own. Partitions that are added later are not
 * used.
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
     * @param firstPartition where records without key go first; any number
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
     * Where a record belongs.
     *
     * @throws MillraceException.Rejected if the topic has no such partition
     */
    PartitionQueue queueFor(OutgoingRecord record) {
        return queue(
                record.partition() == OutgoingRecord.BY_KEY
                        ? partitions.of(record.key())
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

    /** Says that a batch ended, so that records without key go elsewhere. */
    void batchWentOut(PartitionQueue queue) {
        partitions.batchWentOut(queue.id.partition());
    }
}
