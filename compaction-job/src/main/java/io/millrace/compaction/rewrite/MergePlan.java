package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.MergeRange;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.metadata.Extent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Divides the ranges of one retention class into planned segments of about equal size. A segment
 * exceeds the segment size by one extent at most and fits into one log entry. Pure.
 */
public final class MergePlan {

    /** Limited by the size of a command. */
    static final int MAX_EXTENTS = 8_000;

    private final long segmentBytes;
    private final List<PlannedSegment> segments = new ArrayList<>();
    private final List<MergeRange> ranges = new ArrayList<>();
    private long targetBytes;
    private long bytes;
    private int extents;

    public MergePlan(long segmentBytes) {
        this.segmentBytes = segmentBytes;
    }

    /**
     * @param all ranges sorted by topic, partition and offset
     */
    public List<PlannedSegment> segments(List<MergeRange> all) {
        splitAtLargeTopics(all).forEach(this::divide);
        return List.copyOf(segments);
    }

    /**
     * Splits the ranges at the boundaries of large topics, if both sides fill a large segment. A
     * trim or deletion of such a topic then frees whole segments.
     */
    private List<List<MergeRange>> splitAtLargeTopics(List<MergeRange> all) {
        Map<Long, Long> topics = new HashMap<>();
        all.forEach(range -> topics.merge(range.topicId(), range.bytes(), Long::sum));
        long left = all.stream().mapToLong(MergeRange::bytes).sum();
        long before = 0;
        int from = 0;
        List<List<MergeRange>> parts = new ArrayList<>();
        for (int i = 1; i < all.size(); i++) {
            long last = all.get(i - 1).topicId();
            long next = all.get(i).topicId();
            before += all.get(i - 1).bytes();
            left -= all.get(i - 1).bytes();
            boolean isEdge = last != next && (isLarge(topics, last) || isLarge(topics, next));
            if (isEdge && isLarge(before) && isLarge(left)) {
                parts.add(all.subList(from, i));
                from = i;
                before = 0;
            }
        }
        parts.add(all.subList(from, all.size()));
        return parts;
    }

    private boolean isLarge(Map<Long, Long> topics, long topicId) {
        return isLarge(topics.getOrDefault(topicId, 0L));
    }

    private boolean isLarge(long sizeBytes) {
        return sizeBytes >= segmentBytes / 2;
    }

    private void divide(List<MergeRange> all) {
        long total = all.stream().mapToLong(MergeRange::bytes).sum();
        targetBytes = Math.ceilDiv(total, Math.max(1, Math.ceilDiv(total, segmentBytes)));
        for (MergeRange range : all) {
            add(range);
        }
        endSegment();
    }

    private void add(MergeRange range) {
        int from = 0;
        long inRange = 0;
        for (int i = 0; i < range.extents().size(); i++) {
            bytes += range.extents().get(i).length();
            inRange += range.extents().get(i).length();
            if (bytes >= targetBytes || extents + maxExtentsOf(inRange) >= MAX_EXTENTS) {
                add(range, from, i + 1);
                from = i + 1;
                inRange = 0;
                endSegment();
            }
        }
        add(range, from, range.extents().size());
        extents += maxExtentsOf(inRange);
    }

    private void add(MergeRange range, int from, int to) {
        if (from < to) {
            List<Extent> part = range.extents().subList(from, to);
            ranges.add(new MergeRange(range.topicId(), range.partition(), part));
        }
    }

    /** Returns an upper bound: any two adjacent extents exceed the maximum size of an extent. */
    private static int maxExtentsOf(long bytes) {
        return bytes == 0 ? 0 : 1 + 2 * (int) (bytes / MergeSettings.EXTENT_BYTES);
    }

    private void endSegment() {
        if (!ranges.isEmpty()) {
            segments.add(new PlannedSegment(ranges));
            ranges.clear();
        }
        bytes = 0;
        extents = 0;
    }
}
