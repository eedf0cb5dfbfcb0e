package io.millrace.compaction.key;

import io.millrace.compaction.input.MergeRange;
import io.millrace.metadata.command.CleanedTo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How far a pass over a compacted topic came in each partition: as far as ranges are done without
 * one between them that is not. In such a one there may be what the records behind it replace or
 * delete, so that they are gone through again. One owner.
 */
final class CleanedOffsetTracker {

    private final Map<Integer, Long> upTo;
    private final Map<Integer, Long> offsets = new HashMap<>();

    /** What the log knows, or is being told. */
    private final Map<Integer, Long> reported = new HashMap<>();

    /**
     * @param upTo for each partition, below which offset all keys are known
     */
    CleanedOffsetTracker(KeyCompaction pass, Map<Integer, Long> upTo) {
        this.upTo = Map.copyOf(upTo);
        for (KeyCompaction.Part part : pass.parts()) {
            offsets.put(part.partition(), part.extents().getFirst().baseOffset());
            reported.put(part.partition(), part.cleanedTo());
        }
    }

    /**
     * Ranges are done, behind those of their partitions that were before.
     *
     * @return what is new to the log by that
     */
    List<CleanedTo> done(List<MergeRange> ranges) {
        Map<Integer, Long> news = new TreeMap<>();
        for (MergeRange range : ranges) {
            int partition = range.partition();
            if (offsets.replace(partition, range.baseOffset(), range.endOffset())) {
                long to = Math.min(upTo.getOrDefault(partition, 0L), range.endOffset());
                if (to > reported.getOrDefault(partition, 0L)) {
                    reported.put(partition, to);
                    news.put(partition, to);
                }
            }
        }
        return news.entrySet().stream()
                .map(row -> new CleanedTo(row.getKey(), row.getValue()))
                .toList();
    }
}
