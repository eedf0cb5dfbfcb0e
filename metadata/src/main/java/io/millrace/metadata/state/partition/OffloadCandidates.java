package io.millrace.metadata.state.partition;

import io.millrace.metadata.ColdRange;
import io.millrace.metadata.MergeState;
import io.millrace.metadata.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Finds the extents of a partition that may be offloaded. Does not modify state. */
final class OffloadCandidates {

    private final ExtentList extents;
    private final ObjectTable objects;
    private final Function<StoredObject, MergeState> motion;

    /**
     * @param motion the merge state of an object
     */
    OffloadCandidates(
            ExtentList extents, ObjectTable objects, Function<StoredObject, MergeState> motion) {
        this.extents = extents;
        this.objects = objects;
        this.motion = motion;
    }

    /** Returns the ranges for {@link io.millrace.metadata.PartitionLog#cold}. */
    List<ColdRange> rows(int keep, int min, int max, int passedBy) {
        List<ColdRange> rows = new ArrayList<>();
        int end = Math.min(extents.end() - Math.max(1, keep), firstThatMoves(passedBy));
        int from = extents.first();
        for (int to = from + 1; to <= end; to++) {
            if (to - from == max) {
                rows.add(row(from, to));
                from = to;
            }
        }
        if (end - from >= min) {
            rows.add(row(from, end));
        }
        return rows;
    }

    private int firstThatMoves(int passedBy) {
        int settled = 0;
        int first = extents.end();
        for (int i = extents.end() - 1; i >= extents.first(); i--) {
            switch (motion.apply(objects.stored(extents.objectNumber(i)))) {
                case SETTLED -> settled++;
                case WAITING -> first = settled < passedBy ? i : first;
                case LEAVING -> first = i;
            }
        }
        return first;
    }

    /** Encodes a range. At least one extent must follow: the range ends at its base offset. */
    private ColdRange row(int from, int to) {
        byte[] content = OffloadedContent.of(extents, from, to);
        return new ColdRange(
                extents.baseOffset(from),
                extents.baseOffset(to),
                to - from,
                content,
                new OffloadedContent(content).digest());
    }
}
