package io.millrace.metadata;

import io.millrace.storage.stream.ObjectRef;

/**
 * An offloaded range: neighbouring extents of a partition that are in an extent manifest and not in
 * memory. Immutable.
 *
 * @param baseOffset first offset
 * @param endOffset the offset after the last one
 * @param manifest the extent manifest with the extents
 * @param position of the extents, in bytes from the manifest's start
 * @param length in the manifest, in bytes
 * @param extents the number of extents
 * @param digest of the extents; the digest of joined neighbouring ranges is the sum
 * @param sizeBytes of the extents' batches
 * @param maxTimestampMs largest timestamp of the records, milliseconds since 1970
 */
public record OffloadedRange(
        long topicId,
        int partition,
        long baseOffset,
        long endOffset,
        ObjectRef manifest,
        long position,
        int length,
        int extents,
        long digest,
        long sizeBytes,
        long maxTimestampMs) {}
