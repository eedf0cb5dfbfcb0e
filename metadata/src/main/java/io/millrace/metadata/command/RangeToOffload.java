package io.millrace.metadata.command;

/**
 * Neighbouring extents of one partition that lie in a manifest. Immutable.
 *
 * @param baseOffset first offset
 * @param endOffset the offset behind the last one
 * @param position where they lie, in bytes from the manifest's start
 * @param extents how many
 * @param digest of them
 */
public record RangeToOffload(
        long topicId,
        int partition,
        long baseOffset,
        long endOffset,
        long position,
        int extents,
        long digest) {

    public RangeToOffload {
        if (baseOffset < 0 || endOffset <= baseOffset || position < 0 || extents < 1) {
            throw new IllegalArgumentException(
                    "%d extents of offsets %d to %d at %d"
                            .formatted(extents, baseOffset, endOffset, position));
        }
    }
}
