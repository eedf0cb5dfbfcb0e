package io.millrace.compaction.input;

import static io.millrace.storage.stream.StreamObjectFormat.PAGE_BYTES;

import io.millrace.metadata.Extent;
import io.millrace.storage.object.ByteRange;
import java.util.ArrayList;
import java.util.List;

/** Plans the byte ranges to read for extents of one object, including small gaps. Pure. */
final class ReadRanges {

    /** Larger gaps cost more than an additional request. */
    static final int GAP_BYTES = 1 << 20;

    /** Below the maximum array length. */
    private static final int MAX_BYTES = 1 << 30;

    private ReadRanges() {}

    /**
     * @param extents sorted by position, without overlaps
     */
    static List<ByteRange> of(List<Extent> extents) {
        List<ByteRange> ranges = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= extents.size(); i++) {
            if (i == extents.size() || !canJoin(extents, from, i)) {
                long start = extents.get(from).position();
                ranges.add(new ByteRange(start, (int) (end(extents.get(i - 1)) - start)));
                from = i;
            }
        }
        return ranges;
    }

    /**
     * Extends the ranges to whole pages.
     *
     * @param indexPosition end of the object's last page
     */
    static List<ByteRange> inPages(List<Extent> extents, long indexPosition) {
        List<ByteRange> whole = new ArrayList<>();
        long read = 0;
        for (ByteRange range : of(extents)) {
            long start = Math.max(read, range.start() / PAGE_BYTES * PAGE_BYTES);
            long pages = Math.ceilDiv(range.end(), PAGE_BYTES);
            read = Math.min(pages * PAGE_BYTES, indexPosition);
            if (start < read) {
                whole.add(new ByteRange(start, Math.toIntExact(read - start)));
            }
        }
        return whole;
    }

    private static boolean canJoin(List<Extent> extents, int first, int next) {
        return extents.get(next).position() - end(extents.get(next - 1)) <= GAP_BYTES
                && end(extents.get(next)) - extents.get(first).position() <= MAX_BYTES;
    }

    private static long end(Extent extent) {
        return extent.position() + extent.length();
    }
}
