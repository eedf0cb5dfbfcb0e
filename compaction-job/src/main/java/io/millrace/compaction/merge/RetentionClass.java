package io.millrace.compaction.merge;

import io.millrace.metadata.topic.Topic;
import io.millrace.metadata.topic.TopicSettings;
import io.millrace.metadata.topic.Topics;

/**
 * Settings that determine the deletion of records. Segments contain topics of one class only, so
 * that retention tends to delete a segment as a whole.
 *
 * @param deleted true if records are deleted by age or size
 * @param compacted true if records are removed by key compaction
 */
public record RetentionClass(
        boolean deleted, boolean compacted, long retentionMs, long retentionBytes) {

    /** Divisor of the retention time: a remaining time of less than this part is soon. */
    private static final int SOON_DIVISOR = 4;

    /** Class of deleted topics. */
    private static final RetentionClass DELETED_TOPIC = new RetentionClass(true, false, 0, 0);

    /** Returns the class of a topic, which may have been deleted. */
    public static RetentionClass of(Topics topics, long topicId) {
        return topics.withId(topicId)
                .map(Topic::settings)
                .map(RetentionClass::of)
                .orElse(DELETED_TOPIC);
    }

    /** Returns the class of topics with the given settings. */
    public static RetentionClass of(TopicSettings settings) {
        return new RetentionClass(
                settings.deletesOldRecords(),
                settings.compacted(),
                settings.retentionMs(),
                settings.retentionBytes());
    }

    /**
     * Returns whether retention deletes a whole object within a quarter of the retention time.
     * Rewriting to free the dead bytes is then not worthwhile: the dead bytes of all such objects
     * are less than half of all live bytes.
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
