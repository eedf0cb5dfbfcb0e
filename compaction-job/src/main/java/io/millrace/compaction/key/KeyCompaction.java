package io.millrace.compaction.key;

import io.millrace.metadata.Extent;
import io.millrace.storage.stream.ObjectId;
import java.util.List;
import java.util.function.Predicate;

/**
 * What one pass over a topic takes on: of some of its partitions all that is in segments and old
 * enough.
 *
 * @param parts at least one, by partition
 */
record KeyCompaction(long topicId, List<Part> parts) {

    /**
     * A partition's part.
     *
     * @param cleanedTo below it no key has two records, from an earlier pass
     * @param extents at least one, from the log start on, in offset order, without a gap
     */
    record Part(int partition, long cleanedTo, List<Extent> extents) {
        Part {
            extents = List.copyOf(extents);
        }

        /**
         * What is to be read before anything is written: the extents in which something was not
         * looked at yet, and those that may be damaged. What comes before them would be written in
         * vain, again and again.
         */
        List<Extent> toRead(Predicate<ObjectId> isSuspect) {
            return extents.stream()
                    .filter(one -> one.endOffset() > cleanedTo || isSuspect.test(one.object().id()))
                    .toList();
        }

        long endOffset() {
            return extents.getLast().endOffset();
        }
    }

    KeyCompaction {
        parts = List.copyOf(parts);
    }
}
