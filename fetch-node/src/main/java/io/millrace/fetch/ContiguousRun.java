package io.millrace.fetch;

import io.millrace.metadata.Extent;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.List;

/**
 * Adjacent extents of a partition that are also adjacent in an object, read as one range.
 *
 * @param baseOffset the base offset of the first batch; a lower bound if batches were removed
 */
record ContiguousRun(
        ObjectRef object, long baseOffset, long endOffset, long position, long endPosition) {

    long length() {
        return endPosition - position;
    }

    static List<ContiguousRun> of(List<Extent> extents) {
        List<ContiguousRun> stretches = new ArrayList<>();
        Extent first = null;
        Extent last = null;
        for (Extent extent : extents) {
            if (first == null || last == null) {
                first = extent;
            } else if (!follows(last, extent)) {
                stretches.add(between(first, last));
                first = extent;
            }
            last = extent;
        }
        if (first != null && last != null) {
            stretches.add(between(first, last));
        }
        return stretches;
    }

    private static boolean follows(Extent extent, Extent next) {
        return next.position() == extent.position() + extent.length()
                && next.baseOffset() == extent.endOffset()
                && next.object().id().equals(extent.object().id());
    }

    private static ContiguousRun between(Extent first, Extent last) {
        return new ContiguousRun(
                first.object(),
                first.baseOffset(),
                last.endOffset(),
                first.position(),
                last.position() + last.length());
    }
}
