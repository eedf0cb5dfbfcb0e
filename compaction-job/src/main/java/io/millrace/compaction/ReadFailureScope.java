package io.millrace.compaction;

import io.millrace.storage.object.ObjectStoreException;

/** The scope of a failed read of an object that may be intact. */
public enum ReadFailureScope {
    /** Only this object cannot be read. */
    OBJECT,

    /** Possibly transient: read the object once more. */
    RETRY,

    /** Other objects cannot be read either, or the failure never affects single objects. */
    BUCKET;

    /** Returns whether a failure can be limited to one object, so that a probe is useful. */
    public static boolean canBeLimitedToObject(Throwable failure) {
        return failure instanceof ObjectStoreException.RequestRejected
                || failure instanceof ObjectStoreException.Unavailable;
    }

    /**
     * Classifies a failed read.
     *
     * @param failedBefore true if the previous read also failed while the bucket served other
     *     objects
     * @param othersAnswer true if another object was read since the failure
     */
    public static ReadFailureScope of(
            Throwable failure, boolean failedBefore, boolean othersAnswer) {
        if (!canBeLimitedToObject(failure) || !othersAnswer) {
            return BUCKET;
        }
        return failedBefore || failure instanceof ObjectStoreException.RequestRejected
                ? OBJECT
                : RETRY;
    }
}
