package io.millrace.metadata;

import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.Comparator;

/**
 * A stream object that extents name, or a manifest.
 *
 * @param topicId of what was put into it first; 0 for a manifest
 * @param liveBytes of its batches that they name; of its rows
 * @param storedMs when the youngest of what is in it was stored, milliseconds since 1970; {@link
 *     Long#MIN_VALUE} for a manifest
 * @param extents that name it; rows, for a manifest
 * @param offloadedExtents how many of the extents that name it are not in memory
 */
public record StoredObject(
        ObjectRef object,
        long topicId,
        long liveBytes,
        long storedMs,
        int extents,
        int offloadedExtents) {

    /** By the time when they were stored. */
    public static final Comparator<StoredObject> OLDEST_FIRST =
            Comparator.comparingLong(StoredObject::storedMs)
                    .thenComparing(one -> one.object.id(), ObjectId.ORDER);

    /**
     * Whether all of it was there at a time.
     *
     * @param timeMs milliseconds since 1970
     */
    public boolean wasThere(long timeMs) {
        return storedMs <= timeMs;
    }

    /**
     * Whether less than half of it is alive. By its runs alone: the index of a small one is larger,
     * and would make it sparse for ever.
     */
    public boolean isSparse() {
        return liveBytes < object.indexPosition() / 2;
    }
}
