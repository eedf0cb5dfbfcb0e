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
public record RetentionClass(
        boolean deleted, boolean compacted, long retentionMs, long retentionBytes) {

    /** Such a part of the retention is soon. */
    private static final int SOON = 4;

    /** Of topics that are gone. */
    private static final RetentionClass NONE = new RetentionClass(true, false, 0, 0);

    /** Of a topic, be it there or not. */
    public static RetentionClass of(Topics topics, long topicId) {
        return topics.withId(topicId).map(Topic::settings).map(RetentionClass::of).orElse(NONE);
    }

    /** Of a topic with these settings. */
    public static RetentionClass of(TopicSettings settings) {
        return new RetentionClass(
                settings.deleted(),
                settings.compacted(),
                settings.retentionMs(),
                settings.retentionBytes());
    }

    /**
     * Whether time takes all of an object within a quarter of the retention: what is dead of it
     * goes with it then, so it is not worth writing the rest once more. As long as each has a
     * quarter left at most, what such objects keep is less than half of what is alive.
     *
     * @param storedMs when the youngest of what is in it was stored
     */
    public boolean goesSoon(long storedMs, long nowMs) {
        long ageMs = nowMs - storedMs;
        return deleted
                && retentionMs > 0
                && ageMs >= retentionMs - retentionMs / SOON
                && ageMs < retentionMs;
    }
}
