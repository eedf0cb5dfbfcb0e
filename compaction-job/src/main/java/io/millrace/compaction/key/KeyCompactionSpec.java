package io.millrace.compaction.key;

import io.millrace.metadata.Extent;
import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.function.Predicate;

/**
 * The partitions of a topic for one run, each up to its first extent that is too new or not in a
 * segment.
 *
 * @param parts sorted by partition; not empty
 */
record KeyCompactionSpec(long topicId, List<DirtyPartition> parts) {

    /**
     * @param cleanedTo below this offset, no key has two records
     * @param extents contiguous from the log start; not empty
     */
    record DirtyPartition(int partition, long cleanedTo, List<Extent> extents) {
        DirtyPartition {
            extents = List.copyOf(extents);
        }

        /**
         * Returns extents with uncompacted records and extents that may be damaged. Damage found
         * during writing would discard the segments of every run.
         */
        List<Extent> extentsToRead(Predicate<ObjectId> isSuspect) {
            return extents.stream()
                    .filter(extent ->
                            extent.endOffset() > cleanedTo || isSuspect.test(extent.object().id()))
                    .toList();
        }

        long endOffset() {
            return extents.getLast().endOffset();
        }
    }

    KeyCompactionSpec {
        parts = List.copyOf(parts);
    }
}
