package io.millrace.metadata;

import io.millrace.storage.stream.ObjectRef;

/**
 * A contiguous byte range of a stream object with one or more whole batches of a partition.
 *
 * @param position in bytes from the object's start
 */
public record Extent(
        long baseOffset,
        long offsetCount,
        ObjectRef object,
        long position,
        int length,
        long maxTimestampMs) {

    public long endOffset() {
        return baseOffset + offsetCount;
    }
}
