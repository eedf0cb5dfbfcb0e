package io.millrace.compaction;

import io.millrace.storage.object.ObjectStoreException;

/** What to make of an object that could not be read, though it may be there and whole. */
public enum ReadFailureScope {
    /** It cannot be read, and others can: the rest goes on without it. */
    ITS_OWN,

    /** It may have been chance: it is to be read once more. */
    AGAIN,

    /** Others cannot be read either, or it is nothing that befalls one object alone. */
    NOT_ITS_OWN;

    /**
     * Whether others should be asked at all.
     *
     * @param failure what the bucket said
     */
    public static boolean mayBeItsOwn(Throwable failure) {
        return failure instanceof ObjectStoreException.Rejected
                || failure instanceof ObjectStoreException.Unavailable;
    }

    /**
     * Judges.
     *
     * @param failure what the bucket said
     * @param failedBefore whether the read of it before this one failed too, while others could be
     *     read
     * @param othersAnswer whether another could be read since
     */
    public static ReadFailureScope of(
            Throwable failure, boolean failedBefore, boolean othersAnswer) {
        if (!mayBeItsOwn(failure) || !othersAnswer) {
            return NOT_ITS_OWN;
        }
        return failedBefore || failure instanceof ObjectStoreException.Rejected ? ITS_OWN : AGAIN;
    }
}
