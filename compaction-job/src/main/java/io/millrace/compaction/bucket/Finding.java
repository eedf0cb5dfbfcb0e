package io.millrace.compaction.bucket;

import io.millrace.storage.object.ObjectKey;

/**
 * Result of a check of one object.
 *
 * @param name name in the bucket
 * @param sizeBytes size in the listing; of a missing object, size in the metadata; of an unfinished
 *     upload, 0
 * @param status status of the object, for a missing one the expected status
 * @param explanation the status or the damage in sentences for an operator
 */
public record Finding(
        String name, long sizeBytes, ObjectStatus status, Condition condition, String explanation) {

    /** Condition of an object. */
    public enum Condition {
        /** No fault found. */
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
