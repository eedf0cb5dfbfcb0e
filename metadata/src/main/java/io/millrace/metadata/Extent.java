package io.millrace.metadata;

import io.millrace.storage.stream.ObjectRef;

/**
 * A contiguous byte range of a stream object with one or more whole batches of a partition.
 *
 * @param baseOffset offset of the first record
 * @param offsetCount number of offsets
 * @param object the stream object with the records
 * @param position of the first batch, in bytes from the object's start
 * @param length in bytes
 * @param maxTimestampMs largest timestamp of the records, milliseconds since 1970
 */
public record Extent(
        long baseOffset,
        long offsetCount,
        ObjectRef object,
        long position,
        int length,
        long maxTimestampMs) {

    /** Returns the offset after the last record. */
    public long endOffset() {
        return baseOffset + offsetCount;
    }
}
