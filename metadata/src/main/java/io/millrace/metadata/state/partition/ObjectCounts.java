package io.millrace.metadata.state.partition;

import io.millrace.metadata.topic.Topic;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the objects with data of each topic in one pass over the in-memory extents. Offloaded
 * extents count only for the topic of their object's first extent, because the rest is in extent
 * manifests. Used once.
 */
public final class ObjectCounts {

    private static final long NO_TOPIC = 0;

    private final TopicTable topics;

    /** For each object with offloaded extents, the topic that counts the object anyway. */
    private final long[] topicOfFirstExtent;

    /** For each object, the last topic that counted it. */
    private final long[] lastCountedTopic;

    private final Map<Long, Long> counts = new HashMap<>();

    public ObjectCounts(TopicTable topics, ObjectTable objects) {
        this.topics = topics;
        topicOfFirstExtent = objects.topicsOfOffloaded();
        lastCountedTopic = new long[topicOfFirstExtent.length];
    }

    public Map<Long, Long> byTopic() {
        for (long topicId : topicOfFirstExtent) {
            if (topicId != NO_TOPIC) {
                count(topicId);
            }
        }
        for (Topic topic : topics.snapshot().all()) {
            for (int number = 0; number < topic.partitionCount(); number++) {
                PartitionState partition = topics.partition(topic.id(), number);
                if (partition != null) {
                    partition.forEachObjectNumber(object -> countOnce(topic.id(), object));
                }
            }
        }
        return counts;
    }

    private void countOnce(long topicId, int object) {
        if (lastCountedTopic[object] != topicId && topicOfFirstExtent[object] != topicId) {
            lastCountedTopic[object] = topicId;
            count(topicId);
        }
    }

    private void count(long topicId) {
        counts.merge(topicId, 1L, Long::sum);
    }
}
