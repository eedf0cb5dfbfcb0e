package io.millrace.ingest.block;

import io.millrace.metadata.topic.Topic;
import org.jspecify.annotations.Nullable;

/** The batches of one partition in one block, in the order of acceptance. */
public final class PartitionRun implements Comparable<PartitionRun> {

    private final Topic topic;
    private final int partition;
    private @Nullable BlockBatch head;
    private @Nullable BlockBatch tail;

    PartitionRun(Topic topic, int partition) {
        this.topic = topic;
        this.partition = partition;
    }

    public Topic topic() {
        return topic;
    }

    public int partition() {
        return partition;
    }

    void append(BlockBatch batch) {
        if (tail == null) {
            head = batch;
        } else {
            tail.setNext(batch);
        }
        tail = batch;
    }

    @Nullable
    public BlockBatch head() {
        return head;
    }

    @Nullable BlockBatch tail() {
        return tail;
    }

    /** Compares by topic and partition, the order of runs in a stream object. */
    @Override
    public int compareTo(PartitionRun other) {
        int byTopic = Long.compare(topic.id(), other.topic.id());
        return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
    }
}
