package io.millrace.metadata;

/**
 * Adjacent in-memory extents, the oldest of a partition, encoded as in an extent manifest.
 *
 * @param content owned by the caller
 */
public record OffloadCandidate(
        long baseOffset, long endOffset, int extents, byte[] content, long digest) {}
