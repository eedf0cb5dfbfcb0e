package io.millrace.compaction.bucket;

import io.millrace.storage.object.ObjectKey;

/**
 * What a check found of one object.
 *
 * @param name its name in the bucket
 * @param sizeBytes as the bucket lists it; if it is missing, as the metadata knows it; 0 of an
 *     upload that is not finished
 * @param status what it is to the cluster, or would be if it were there
 * @param explanation what that means, or what is wrong, in sentences for a person
 */
public record Finding(
        String name, long sizeBytes, ObjectStatus status, Condition condition, String explanation) {

    /** Whether something is wrong. */
    public enum Condition {
        /** Nothing was found to be wrong. */
        SOUND,
        /** It is named, and not there. */
        MISSING,
        /** Its bytes are not those that were written, or cannot be read while others can. */
        DAMAGED
    }

    static Finding sound(SurveyedObject surveyed) {
        return new Finding(
                surveyed.object().name(),
                surveyed.object().sizeBytes(),
                surveyed.status(),
                Condition.SOUND,
                surveyed.status().sentence());
    }

    /** An upload in parts of an object of the cluster. */
    static Finding unfinished(ObjectKey key) {
        return new Finding(
                key.value(),
                0,
                ObjectStatus.INCOMPLETE_UPLOAD,
                Condition.SOUND,
                ObjectStatus.INCOMPLETE_UPLOAD.sentence());
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
