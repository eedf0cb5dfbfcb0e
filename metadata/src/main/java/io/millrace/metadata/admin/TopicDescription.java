package io.millrace.metadata.admin;

import io.millrace.metadata.topic.Topic;
import java.util.List;

/** A topic and the offsets of its partitions. */
public record TopicDescription(Topic topic, List<Partition> partitions) {
    public TopicDescription {
        partitions = List.copyOf(partitions);
    }

    /** The offsets and the size of a partition. */
    public record Partition(
            int partition, long logStartOffset, long highWatermark, long sizeBytes) {}
}
