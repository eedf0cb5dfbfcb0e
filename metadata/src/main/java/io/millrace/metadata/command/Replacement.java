package io.millrace.metadata.command;

import java.util.List;

/**
 * New extents for the records of one range of a partition. Immutable.
 *
 * @param extents at least one, each starting at the end offset of its predecessor
 */
public record Replacement(long topicId, int partition, List<NewExtent> extents) {

    /**
     * A contiguous run of whole batches in the new object.
     *
     * @param baseOffset first offset
     * @param endOffset the offset after the last one; offsets between the two may have no record
     * @param position of the first batch, in bytes from the object's start
     * @param length in bytes
     * @param maxTimestampMs largest timestamp of the records, milliseconds since 1970
     */
    public record NewExtent(
            long baseOffset, long endOffset, long position, int length, long maxTimestampMs) {
        public NewExtent {
            if (baseOffset < 0 || endOffset <= baseOffset || position < 0 || length < 1) {
                throw new IllegalArgumentException(
                        "offsets %d to %d in %d bytes at %d"
                                .formatted(baseOffset, endOffset, length, position));
            }
        }
    }

    public Replacement {
        extents = List.copyOf(extents);
        if (extents.isEmpty()) {
            throw new IllegalArgumentException("a replacement without extents");
        }
        for (int i = 1; i < extents.size(); i++) {
            if (extents.get(i).baseOffset() != extents.get(i - 1).endOffset()) {
                throw new IllegalArgumentException(
                        "an extent at %d after one that ends at %d"
                                .formatted(
                                        extents.get(i).baseOffset(),
                                        extents.get(i - 1).endOffset()));
            }
        }
    }

    /** Returns the first offset of the range. */
    public long baseOffset() {
        return extents.getFirst().baseOffset();
    }

    /** Returns the offset after the range. */
    public long endOffset() {
        return extents.getLast().endOffset();
    }
}
