package io.millrace.compaction.merge;

import io.millrace.metadata.Extent;
import java.util.List;

/**
 * What one pass over a topic takes on: of some of its partitions all that is in segments and old
 * enough.
 *
 * @param parts at least one, by partition
 */
record KeyPass(long topicId, List<Part> parts) {

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

        /** The extents in which something was not looked at yet. */
        List<Extent> dirty() {
            return extents.stream().filter(one -> one.endOffset() > cleanedTo).toList();
        }

        long endOffset() {
            return extents.getLast().endOffset();
        }
    }

    KeyPass {
        parts = List.copyOf(parts);
    }
}
