package io.millrace.metadata;

import io.millrace.storage.stream.ObjectRef;

/**
 * A range of adjacent offloaded extents of a partition.
 *
 * @param position in bytes from the manifest's start
 * @param length in the manifest, in bytes
 * @param digest the sum of the extents' digests
 * @param sizeBytes of the extents' batches
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
