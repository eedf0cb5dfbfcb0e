package io.millrace.metadata;

import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.Comparator;

/**
 * A stream object that extents reference, or an extent manifest.
 *
 * @param topicId the topic of the object's first extent; 0 for a manifest
 * @param liveBytes of the referenced batches; of the offloaded ranges, for a manifest
 * @param storedMs the time at which the youngest content was stored, milliseconds since 1970;
 *     {@link Long#MIN_VALUE} for a manifest
 * @param extents the number of referencing extents; of offloaded ranges, for a manifest
 * @param offloadedExtents the number of referencing extents that are not in memory
 */
public record StoredObject(
        ObjectRef object,
        long topicId,
        long liveBytes,
        long storedMs,
        int extents,
        int offloadedExtents) {

    /** Orders objects by storage time. */
    public static final Comparator<StoredObject> OLDEST_FIRST =
            Comparator.comparingLong(StoredObject::storedMs)
                    .thenComparing(one -> one.object.id(), ObjectId.ORDER);

    /**
     * Returns whether all content was stored by a time.
     *
     * @param timeMs milliseconds since 1970
     */
    public boolean wasStoredBy(long timeMs) {
        return storedMs <= timeMs;
    }

    /**
     * Returns whether less than half of the object is live. Only the runs count: the index of a
     * small object is larger than the runs and would make the object sparse for ever.
     */
    public boolean isSparse() {
        return liveBytes < object.indexPosition() / 2;
    }
}
