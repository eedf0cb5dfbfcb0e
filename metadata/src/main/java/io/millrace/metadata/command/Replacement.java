package io.millrace.metadata.command;

import java.util.List;

/**
 * New extents for the records of one range of a partition.
 *
 * @param extents at least one, contiguous
 */
public record Replacement(long topicId, int partition, List<NewExtent> extents) {

    /**
     * A contiguous run of whole batches in the new object.
     *
     * @param endOffset exclusive; offsets between the two may have no record
     * @param position in bytes from the object's start
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

    public long baseOffset() {
        return extents.getFirst().baseOffset();
    }

    public long endOffset() {
        return extents.getLast().endOffset();
    }
}
