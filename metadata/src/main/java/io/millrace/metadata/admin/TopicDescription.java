package io.millrace.metadata.admin;

import io.millrace.metadata.topic.Topic;
import java.util.List;

/**
 * A topic and the offsets of a page of its partitions.
 *
 * @param next the token of the next page; empty after the last page
 */
public record TopicDescription(Topic topic, List<Partition> partitions, String next) {
    public TopicDescription {
        partitions = List.copyOf(partitions);
    }

    /** The offsets and the size of a partition. */
    public record Partition(
            int partition, long logStartOffset, long highWatermark, long sizeBytes) {}
}
