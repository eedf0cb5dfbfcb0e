package io.millrace.metadata.state.partition;

import io.millrace.metadata.topic.Topic;
import java.util.HashMap;
import java.util.Map;

/**
 * In how many objects each topic has something: one look at all extents in memory. What lies in
 * manifests alone counts for the topic that its object was begun with, for more is not known
 * without reading them. Used once.
 */
public final class ObjectCounts {

    private static final long NO_TOPIC = 0;

    private final TopicTable topics;

    /** Of each object the topic for which it is counted already, if extents of it are shelved. */
    private final long[] begunWith;

    /** Of each object the topic that was the last to count it. */
    private final long[] countedBy;

    private final Map<Long, Long> counts = new HashMap<>();

    public ObjectCounts(TopicTable topics, ObjectTable objects) {
        this.topics = topics;
        begunWith = objects.topicsOfOffloaded();
        countedBy = new long[begunWith.length];
    }

    /** Counts, by the ids of topics; none of a topic without records. */
    public Map<Long, Long> byTopic() {
        for (long topicId : begunWith) {
            if (topicId != NO_TOPIC) {
                count(topicId);
            }
        }
        for (Topic topic : topics.snapshot().all()) {
            for (int number = 0; number < topic.partitionCount(); number++) {
                PartitionState partition = topics.partition(topic.id(), number);
                if (partition != null) {
                    partition.eachObject(object -> check(topic.id(), object));
                }
            }
        }
        return counts;
    }

    private void check(long topicId, int object) {
        if (countedBy[object] != topicId && begunWith[object] != topicId) {
            countedBy[object] = topicId;
            count(topicId);
        }
    }

    private void count(long topicId) {
        counts.merge(topicId, 1L, Long::sum);
    }
}
