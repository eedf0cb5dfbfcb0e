package io.millrace.metadata.state.partition;

import io.millrace.metadata.ObjectsView;
import java.util.HashMap;
import java.util.Map;

/**
 * Counts the objects with data of each topic. Offloaded extents count only for the topic of their
 * object's first extent, because the rest is in extent manifests.
 */
public final class ObjectCounts implements ObjectsView.ObjectCount {

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
        for (long topicId : topicOfFirstExtent) {
            if (topicId != NO_TOPIC) {
                count(topicId);
            }
        }
    }

    @Override
    public void add(long topicId, int number) {
        PartitionState partition = topics.partition(topicId, number);
        if (partition != null) {
            partition.forEachObjectNumber(object -> countOnce(topicId, object));
        }
    }

    @Override
    public Map<Long, Long> byTopic() {
        return counts;
    }

    private void countOnce(long topicId, int object) {
        boolean isNew = object >= lastCountedTopic.length;
        if (!isNew
                && lastCountedTopic[object] != topicId
                && topicOfFirstExtent[object] != topicId) {
            lastCountedTopic[object] = topicId;
            count(topicId);
        }
    }

    private void count(long topicId) {
        counts.merge(topicId, 1L, Long::sum);
    }
}
