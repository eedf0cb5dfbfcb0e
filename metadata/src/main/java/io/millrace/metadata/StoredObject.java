package io.millrace.metadata;

import io.millrace.storage.stream.ObjectRef;

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
        int shelvedExtents) {}
