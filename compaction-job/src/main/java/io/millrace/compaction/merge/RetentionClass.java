package io.millrace.compaction.merge;

import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;

/**
 * What decides when records go: topics of one class share segments, so that those die as a whole.
 *
 * @param deleted whether they go by age and size at all
 * @param compacted whether they go by key
 */
record RetentionClass(boolean deleted, boolean compacted, long retentionMs, long retentionBytes) {

    /** Of topics that are gone. */
    private static final RetentionClass NONE = new RetentionClass(true, false, 0, 0);

    static RetentionClass of(Topics topics, long topicId) {
        return topics.withId(topicId).map(Topic::settings).map(RetentionClass::of).orElse(NONE);
    }

    private static RetentionClass of(TopicSettings settings) {
        return new RetentionClass(
                settings.deleted(),
                settings.compacted(),
                settings.retentionMs(),
                settings.retentionBytes());
    }
}
