package io.millrace.compaction.merge;

import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;

/**
 * The settings that determine the deletion of records. Segments contain topics of one class, so
 * that retention tends to delete whole segments.
 *
 * @param deleted true if records are deleted by age or size
 */
public record RetentionClass(
        boolean deleted, boolean compacted, long retentionMs, long retentionBytes) {

    /** A remaining time below this part of the retention time is soon. */
    private static final int SOON_DIVISOR = 4;

    private static final RetentionClass DELETED_TOPIC = new RetentionClass(true, false, 0, 0);

    /** Returns the class of a topic, which may have been deleted. */
    public static RetentionClass of(Topics topics, long topicId) {
        return topics.withId(topicId)
                .map(Topic::settings)
                .map(RetentionClass::of)
                .orElse(DELETED_TOPIC);
    }

    public static RetentionClass of(TopicSettings settings) {
        return new RetentionClass(
                settings.deletesOldRecords(),
                settings.compacted(),
                settings.retentionMs(),
                settings.retentionBytes());
    }

    /**
     * Returns whether retention deletes a whole object within a quarter of the retention time, so
     * that a rewrite is not worthwhile.
     *
     * @param storedMs upload time of the youngest data in the object
     */
    public boolean expiresSoon(long storedMs, long nowMs) {
        long ageMs = nowMs - storedMs;
        return deleted
                && retentionMs > 0
                && ageMs >= retentionMs - retentionMs / SOON_DIVISOR
                && ageMs < retentionMs;
    }
}
