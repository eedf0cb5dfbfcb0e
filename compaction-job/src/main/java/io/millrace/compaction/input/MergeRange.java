package io.millrace.compaction.input;

import io.millrace.metadata.Extent;
import java.util.ArrayList;
import java.util.List;

/**
 * A range of contiguous extents of a partition that are replaced together.
 *
 * @param extents in offset order; not empty
 */
public record MergeRange(long topicId, int partition, List<Extent> extents) {

    public MergeRange {
        extents = List.copyOf(extents);
    }

    public long baseOffset() {
        return extents.getFirst().baseOffset();
    }

    public long endOffset() {
        return extents.getLast().endOffset();
    }

    public long bytes() {
        long bytes = 0;
        for (Extent extent : extents) {
            bytes += extent.length();
        }
        return bytes;
    }

    /** Divides extents of a partition, in offset order, into contiguous ranges. */
    public static List<MergeRange> of(long topicId, int partition, List<Extent> extents) {
        List<MergeRange> ranges = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= extents.size(); i++) {
            if (i == extents.size()
                    || extents.get(i).baseOffset() != extents.get(i - 1).endOffset()) {
                ranges.add(new MergeRange(topicId, partition, extents.subList(from, i)));
                from = i;
            }
        }
        return ranges;
    }
}
