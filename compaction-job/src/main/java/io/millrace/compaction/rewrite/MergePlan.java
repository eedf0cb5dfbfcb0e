package io.millrace.compaction.rewrite;

import io.millrace.compaction.input.MergeRange;
import io.millrace.compaction.input.MergeSettings;
import io.millrace.metadata.Extent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Divides what is to be merged into segments. Of one retention class at a time, so that a segment
 * dies as a whole; of about equal sizes, none above what a segment may have by more than an extent;
 * and so many extents in each that one entry of the log can name them. Pure.
 */
public final class MergePlan {

    /** Extents that a segment is to have at most, all of which one command names. */
    static final int MAX_EXTENTS = 8_000;

    private final long segmentBytes;
    private final List<PlannedSegment> segments = new ArrayList<>();
    private final List<MergeRange> ranges = new ArrayList<>();
    private long each;
    private long bytes;
    private int extents;

    public MergePlan(long segmentBytes) {
        this.segmentBytes = segmentBytes;
    }

    /**
     * The segments of one class.
     *
     * @param all by topic, partition and offset
     */
    public List<PlannedSegment> segments(List<MergeRange> all) {
        apart(all).forEach(this::divide);
        return List.copyOf(segments);
    }

    /**
     * Cuts where a topic begins or ends that fills a large segment, as long as what is before and
     * behind the cut fills one too. So when all of a topic goes at once, trimmed or deleted,
     * objects go with it, in place of becoming sparse.
     */
    private List<List<MergeRange>> apart(List<MergeRange> all) {
        Map<Long, Long> topics = new HashMap<>();
        all.forEach(one -> topics.merge(one.topicId(), one.bytes(), Long::sum));
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
        each = Math.ceilDiv(total, Math.max(1, Math.ceilDiv(total, segmentBytes)));
        for (MergeRange range : all) {
            add(range);
        }
        cut();
    }

    private void add(MergeRange range) {
        int from = 0;
        long inRange = 0;
        for (int i = 0; i < range.extents().size(); i++) {
            bytes += range.extents().get(i).length();
            inRange += range.extents().get(i).length();
            if (bytes >= each || extents + extentsOf(inRange) >= MAX_EXTENTS) {
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
