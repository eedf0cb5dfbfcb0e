package io.millrace.metadata;

import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.Comparator;

/**
 * A stream object that extents reference, or an extent manifest.
 *
 * @param topicId the topic of the object's first extent; 0 for a manifest
 * @param liveBytes of the referenced batches; of the offloaded ranges, for a manifest
 * @param storedMs the storage time of the youngest content; {@link Long#MIN_VALUE} for a manifest
 * @param extents the number of referencing extents; of offloaded ranges, for a manifest
 */
public record StoredObject(
        ObjectRef object,
        long topicId,
        long liveBytes,
        long storedMs,
        int extents,
        int offloadedExtents) {

    public static final Comparator<StoredObject> OLDEST_FIRST =
            Comparator.comparingLong(StoredObject::storedMs)
                    .thenComparing(stored -> stored.object.id(), ObjectId.ORDER);

    /** Returns whether all content was stored by a time. */
    public boolean wasStoredBy(long timeMs) {
        return storedMs <= timeMs;
    }

    /**
     * Returns whether less than half of the runs is live. The index does not count, because a small
     * object's index exceeds its runs.
     */
    public boolean isSparse() {
        return liveBytes < object.indexPosition() / 2;
    }
}
