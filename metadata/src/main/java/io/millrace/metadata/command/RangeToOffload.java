package io.millrace.metadata.command;

/**
 * A range of adjacent extents of one partition in an extent manifest.
 *
 * @param position in bytes from the manifest's start
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
