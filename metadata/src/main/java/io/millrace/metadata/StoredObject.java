package io.millrace.metadata;

import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.Comparator;

/**
 * A stream object that extents name, or a manifest.
 *
 * @param topicId of what was put into it first; 0 if nobody noted it
 * @param liveBytes of its batches that they name; of its rows
 * @param storedMs when the youngest of what is in it was stored, milliseconds since 1970; {@link
 *     Long#MAX_VALUE} if nobody noted it
 * @param extents that name it; rows, for a manifest
 * @param shelvedExtents how many of the extents that name it are not in memory
 */
public record StoredObject(
        ObjectRef object,
        long topicId,
        long liveBytes,
        long storedMs,
        int extents,
        int shelvedExtents) {

    private static final long NOBODY_NOTED_IT = Long.MAX_VALUE;

    /** Those of unknown age first: they were stored before the cluster noted any. */
    public static final Comparator<StoredObject> OLDEST_FIRST =
            Comparator.comparing((StoredObject one) -> one.storedMs != NOBODY_NOTED_IT)
                    .thenComparingLong(StoredObject::storedMs)
                    .thenComparing(one -> one.object.id(), ObjectId.ORDER);

    /**
     * Whether all of it was there at a time, as is said of everything of unknown age.
     *
     * @param timeMs milliseconds since 1970
     */
    public boolean wasThere(long timeMs) {
        return storedMs <= timeMs || storedMs == NOBODY_NOTED_IT;
    }

    /**
     * Whether less than half of it is alive. By its runs alone: the index of a small one is larger,
     * and would make it sparse for ever.
     */
    public boolean isSparse() {
        return liveBytes < object.indexPosition() / 2;
    }
}
