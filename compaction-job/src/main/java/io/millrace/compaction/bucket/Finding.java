package io.millrace.compaction.bucket;

import io.millrace.storage.object.ObjectKey;

/**
 * The result of a check of an object.
 *
 * @param sizeBytes size in the listing; of a missing object, size in the metadata; of an unfinished
 *     upload, 0
 * @param status for a missing object, the expected status
 */
public record Finding(
        String name, long sizeBytes, ObjectStatus status, Condition condition, String explanation) {

    /** The condition of an object. */
    public enum Condition {
        SOUND,
        /** Referenced but not in the bucket. */
        MISSING,
        /**
         * Different from the written bytes, or unreadable while the bucket serves other objects.
         */
        DAMAGED
    }

    static Finding sound(SurveyedObject surveyed) {
        return new Finding(
                surveyed.object().name(),
                surveyed.object().sizeBytes(),
                surveyed.status(),
                Condition.SOUND,
                surveyed.status().explanation());
    }

    static Finding unfinished(ObjectKey key) {
        return new Finding(
                key.value(),
                0,
                ObjectStatus.INCOMPLETE_UPLOAD,
                Condition.SOUND,
                ObjectStatus.INCOMPLETE_UPLOAD.explanation());
    }

    static Finding damaged(SurveyedObject surveyed, String how) {
        return new Finding(
                surveyed.object().name(),
                surveyed.object().sizeBytes(),
                surveyed.status(),
                Condition.DAMAGED,
                how);
    }
}
