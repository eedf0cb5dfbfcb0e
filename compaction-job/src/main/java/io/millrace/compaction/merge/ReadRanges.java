package io.millrace.compaction.merge;

import io.millrace.metadata.Extent;
import io.millrace.storage.object.ByteRange;
import java.util.ArrayList;
import java.util.List;

/**
 * The GETs with which some extents of one object are read, front to back: as few as a size allows,
 * and over small gaps rather than around them. Pure.
 */
final class ReadWindows {

    /** Reading so much that is not wanted costs less than another request. */
    private static final int GAP_BYTES = 256 << 10;

    private ReadWindows() {}

    /**
     * The ranges to read.
     *
     * @param extents of the object, by position; they do not overlap
     * @param windowBytes what one GET reads at most
     */
    static List<ByteRange> of(List<Extent> extents, int windowBytes) {
        List<ByteRange> windows = new ArrayList<>();
        int from = 0;
        for (int i = 1; i <= extents.size(); i++) {
            if (i == extents.size()
                    || extents.get(i).position() - end(extents.get(i - 1)) > GAP_BYTES) {
                long start = extents.get(from).position();
                long end = end(extents.get(i - 1));
                while (start < end) {
                    int length = (int) Math.min(windowBytes, end - start);
                    windows.add(new ByteRange(start, length));
                    start += length;
                }
                from = i;
            }
        }
        return windows;
    }

    private static long end(Extent extent) {
        return extent.position() + extent.length();
    }
}
