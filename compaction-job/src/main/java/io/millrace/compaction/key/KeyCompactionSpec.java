package io.millrace.compaction.key;

import io.millrace.metadata.Extent;
import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.function.Predicate;

/**
 * Spec of one key compaction run: the partitions of a topic to compact, each up to its first extent
 * that is too new or not in a segment.
 *
 * @param parts at least one, by partition
 */
record KeyCompactionSpec(long topicId, List<DirtyPartition> parts) {

    /**
     * Part of one partition.
     *
     * @param cleanedTo cleaned offset of earlier runs: below it, no key has two records
     * @param extents contiguous extents from the log start, in offset order; at least one
     */
    record DirtyPartition(int partition, long cleanedTo, List<Extent> extents) {
        DirtyPartition {
            extents = List.copyOf(extents);
        }

        /**
         * Returns the extents to read before anything is written: extents with uncompacted records,
         * and extents that may be damaged. Damage found later would discard the segments already
         * written, in every run.
         */
        List<Extent> extentsToRead(Predicate<ObjectId> isSuspect) {
            return extents.stream()
                    .filter(one -> one.endOffset() > cleanedTo || isSuspect.test(one.object().id()))
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
