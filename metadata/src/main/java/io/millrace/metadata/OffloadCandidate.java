package io.millrace.metadata;

/**
 * A run of a partition's oldest in-memory extents, encoded as in an extent manifest.
 *
 * @param baseOffset first offset
 * @param endOffset the offset after the last one
 * @param extents the number of extents
 * @param content the encoded extents; owned by the caller
 * @param digest a digest by which a node checks that the extents have not changed
 */
public record OffloadCandidate(
        long baseOffset, long endOffset, int extents, byte[] content, long digest) {}
