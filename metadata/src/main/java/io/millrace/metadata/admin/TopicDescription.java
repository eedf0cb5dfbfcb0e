package io.millrace.metadata.admin;

import io.millrace.metadata.topic.Topic;
import java.util.List;

/**
 * A topic and the offsets of its partitions. Immutable.
 *
 * @param partitions all of them, by number
 */
public record TopicDescription(Topic topic, List<Partition> partitions) {
    public TopicDescription {
        partitions = List.copyOf(partitions);
    }

    /**
     * The offsets and the size of one partition.
     *
     * @param logStartOffset the first offset that can be read
     * @param highWatermark the offset of the next record
     * @param sizeBytes the bytes of all stored batches
     */
    public record Partition(
            int partition, long logStartOffset, long highWatermark, long sizeBytes) {}
}
