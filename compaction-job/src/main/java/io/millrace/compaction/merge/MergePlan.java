package io.millrace.compaction.merge;

import io.millrace.metadata.Extent;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides what is to be merged into segments. Of one retention class at a time, so that a segment
 * dies as a whole; of about equal sizes, none above what a segment may have by more than an extent;
 * and so many extents in each that one entry of the log can name them. Pure.
 */
final class MergePlan {

    /** Extents that a segment is to have at most, all of which one command names. */
    static final int MOST_EXTENTS = 8_000;

    private final long segmentBytes;
    private final List<PlannedSegment> segments = new ArrayList<>();
    private final List<MergeRange> ranges = new ArrayList<>();
    private long each;
    private long bytes;
    private int extents;

    MergePlan(long segmentBytes) {
        this.segmentBytes = segmentBytes;
    }

    /**
     * The segments of one class.
     *
     * @param all by topic, partition and offset
     */
    List<PlannedSegment> segments(List<MergeRange> all) {
        long total = all.stream().mapToLong(MergeRange::bytes).sum();
        each = Math.ceilDiv(total, Math.max(1, Math.ceilDiv(total, segmentBytes)));
        for (MergeRange range : all) {
            add(range);
        }
        cut();
        return List.copyOf(segments);
    }

    private void add(MergeRange range) {
        int from = 0;
        long inRange = 0;
        for (int i = 0; i < range.extents().size(); i++) {
            bytes += range.extents().get(i).length();
            inRange += range.extents().get(i).length();
            if (bytes >= each || extents + extentsOf(inRange) >= MOST_EXTENTS) {
                add(range, from, i + 1);
                from = i + 1;
                inRange = 0;
                cut();
            }
        }
        add(range, from, range.extents().size());
        extents += extentsOf(inRange);
    }

    private void add(MergeRange range, int from, int to) {
        if (from < to) {
            List<Extent> part = range.extents().subList(from, to);
            ranges.add(new MergeRange(range.topicId(), range.partition(), part));
        }
    }

    /** As many as neighbouring batches become at most: any two of them have more than one may. */
    private static int extentsOf(long bytes) {
        return bytes == 0 ? 0 : 1 + 2 * (int) (bytes / MergeSettings.EXTENT_BYTES);
    }

    private void cut() {
        if (!ranges.isEmpty()) {
            segments.add(new PlannedSegment(ranges));
            ranges.clear();
        }
        bytes = 0;
        extents = 0;
    }
}
