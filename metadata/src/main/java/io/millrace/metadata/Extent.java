package io.millrace.metadata;

import io.millrace.storage.stream.ObjectRef;

/**
 * Where records of a partition lie: one or more whole batches, one behind the other.
 *
 * @param baseOffset offset of the first record
 * @param offsetCount number of offsets
 * @param object the stream object that holds them
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

    /** The offset behind the last record. */
    public long endOffset() {
        return baseOffset + offsetCount;
    }
}
