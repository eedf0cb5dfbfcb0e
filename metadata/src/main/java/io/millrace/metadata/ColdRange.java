package io.millrace.metadata;

/**
 * The oldest extents of a partition that are in memory, as they would lie in a manifest.
 *
 * @param baseOffset first offset
 * @param endOffset the offset behind the last one
 * @param extents how many
 * @param content their bytes; whoever asked for them may keep them
 * @param digest by which a node knows whether they are still the same
 */
public record ColdRange(
        long baseOffset, long endOffset, int extents, byte[] content, long digest) {}
