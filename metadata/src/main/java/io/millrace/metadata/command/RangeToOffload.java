package io.millrace.metadata.command;

/**
 * A range of neighbouring extents of one partition that are in an extent manifest. Immutable.
 *
 * @param baseOffset first offset
 * @param endOffset the offset after the last one
 * @param position of the extents, in bytes from the manifest's start
 * @param extents the number of extents
 * @param digest of the extents
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
