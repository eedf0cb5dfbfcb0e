package io.millrace.client;

/**
 * A topic that a producer sends to: its partitions' batches, and the choice among them. Immutable
 * but for what it holds, each with an owner of its own. Partitions that are added later are not
 * used.
 */
final class KnownTopic {

    private final String name;
    private final PartitionQueue[] queues;
    private final Partitions partitions;

    KnownTopic(String name, PartitionQueue[] queues, Partitions partitions) {
        this.name = name;
        this.queues = queues;
        this.partitions = partitions;
    }

    /**
     * @param firstPartition where records without key go first; any number
     */
    static KnownTopic of(Topics.Topic topic, ProducerSettings settings, int firstPartition) {
        PartitionQueue[] queues = new PartitionQueue[topic.partitionCount()];
        for (int i = 0; i < queues.length; i++) {
            PartitionLane lane =
                    new PartitionLane(settings.idempotent(), settings.inFlightPerPartition());
            queues[i] = new PartitionQueue(new TopicPartition(topic.name(), i), lane);
        }
        return new KnownTopic(topic.name(), queues, new Partitions(queues.length, firstPartition));
    }

    /**
     * Where a record belongs.
     *
     * @throws MillraceException.Refused if the topic has no such partition
     */
    PartitionQueue queueFor(OutgoingRecord record) {
        return queue(
                record.partition() == OutgoingRecord.BY_KEY
                        ? partitions.of(record.key())
                        : record.partition());
    }

    /**
     * @throws MillraceException.Refused if the topic has no such partition
     */
    PartitionQueue queue(int partition) {
        if (partition < 0 || partition >= queues.length) {
            throw new MillraceException.Refused(Topics.noPartition(name, partition, queues.length));
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
