package io.millrace.compaction.key;

import io.millrace.compaction.input.MergeRange;
import io.millrace.metadata.command.CleanedTo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Tracks the cleaned offset of each partition during a run. Only consecutive rewritten ranges
 * advance the offset, because a skipped range may contain superseded records. One owner.
 */
final class CleanedOffsetTracker {

    private final Map<Integer, Long> scannedTo;
    private final Map<Integer, Long> offsets = new HashMap<>();

    /** Offsets that the log contains or is receiving. */
    private final Map<Integer, Long> reported = new HashMap<>();

    /**
     * @param upTo for each partition, the offset below which all keys are in the table
     */
    CleanedOffsetTracker(KeyCompactionSpec pass, Map<Integer, Long> upTo) {
        this.scannedTo = Map.copyOf(upTo);
        for (KeyCompactionSpec.DirtyPartition part : pass.parts()) {
            offsets.put(part.partition(), part.extents().getFirst().baseOffset());
            reported.put(part.partition(), part.cleanedTo());
        }
    }

    /**
     * Records rewritten ranges, in offset order across calls; returns the cleaned offsets that
     * advanced.
     */
    List<CleanedTo> advance(List<MergeRange> ranges) {
        Map<Integer, Long> news = new TreeMap<>();
        for (MergeRange range : ranges) {
            int partition = range.partition();
            if (offsets.replace(partition, range.baseOffset(), range.endOffset())) {
                long to = Math.min(scannedTo.getOrDefault(partition, 0L), range.endOffset());
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
