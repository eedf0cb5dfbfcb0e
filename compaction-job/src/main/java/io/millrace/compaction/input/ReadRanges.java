package io.millrace.compaction.input;

import static io.millrace.storage.stream.StreamObjectFormat.PAGE_BYTES;

import io.millrace.metadata.Extent;
import io.millrace.storage.object.ByteRange;
import java.util.ArrayList;
import java.util.List;

/**
 * The ranges in which some extents of one object are read, front to back: over gaps of what is not
 * wanted rather than around them, as long as they are small. Pure.
 */
final class ReadRanges {

    /** Reading so much that is not wanted costs less than another request. */
    static final int GAP_BYTES = 1 << 20;

    /** Far below what an array's length can say, and above what anybody would want to save. */
    private static final int MAX_BYTES = 1 << 30;

    private ReadRanges() {}

    /**
     * The ranges to read.
     *
     * @param extents of the object, by position; they do not overlap
     */
    static List<ByteRange> of(List<Extent> extents) {
        List<ByteRange> ranges = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= extents.size(); i++) {
            if (i == extents.size() || !together(extents, from, i)) {
                long start = extents.get(from).position();
                ranges.add(new ByteRange(start, (int) (end(extents.get(i - 1)) - start)));
                from = i;
            }
        }
        return ranges;
    }

    /**
     * The same, out to the ends of the pages in which they begin and end, so that all pages are
     * read as a whole.
     *
     * @param indexPosition where the object's last page ends
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

    private static boolean together(List<Extent> extents, int first, int next) {
        return extents.get(next).position() - end(extents.get(next - 1)) <= GAP_BYTES
                && end(extents.get(next)) - extents.get(first).position() <= MAX_BYTES;
    }

    private static long end(Extent extent) {
        return extent.position() + extent.length();
    }
}
