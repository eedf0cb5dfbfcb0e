package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.MergeRange;
import io.millrace.metadata.Extent;
import io.millrace.storage.stream.ObjectId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The spec of one segment.
 *
 * @param ranges sorted by topic, partition and offset
 */
public record PlannedSegment(List<MergeRange> ranges) {

    public PlannedSegment {
        ranges = List.copyOf(ranges);
    }

    Set<ObjectId> inputs() {
        Set<ObjectId> inputs = new LinkedHashSet<>();
        for (MergeRange range : ranges) {
            for (Extent extent : range.extents()) {
                inputs.add(extent.object().id());
            }
        }
        return inputs;
    }

    long bytes() {
        return ranges.stream().mapToLong(MergeRange::bytes).sum();
    }
}
