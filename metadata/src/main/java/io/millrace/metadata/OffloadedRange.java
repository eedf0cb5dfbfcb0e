package io.millrace.metadata;

import io.millrace.storage.stream.ObjectRef;

/**
 * A row of a partition: neighbouring extents that lie in a manifest and that no node keeps in
 * memory. Immutable.
 *
 * @param baseOffset first offset
 * @param endOffset the offset behind the last one
 * @param manifest where they lie
 * @param position in bytes from the manifest's start
 * @param length in the manifest, in bytes
 * @param extents how many
 * @param digest of them; that of neighbouring rows together is the sum
 * @param sizeBytes of their batches
 * @param maxTimestampMs largest timestamp of their records, milliseconds since 1970
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
