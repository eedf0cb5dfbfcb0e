package io.millrace.metadata.state;

import io.millrace.metadata.ColdExtents;
import io.millrace.metadata.Motion;
import io.millrace.metadata.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Finds which extents of a partition may leave memory. Changes nothing. */
final class ColdSearch {

    private final ExtentList extents;
    private final ObjectTable objects;
    private final Function<StoredObject, Motion> motion;

    /**
     * @param motion of what is in an object
     */
    ColdSearch(ExtentList extents, ObjectTable objects, Function<StoredObject, Motion> motion) {
        this.extents = extents;
        this.objects = objects;
        this.motion = motion;
    }

    /** As {@link io.millrace.metadata.PartitionLog#cold}. */
    List<ColdExtents> rows(int keep, int least, int most, int passedBy) {
        List<ColdExtents> rows = new ArrayList<>();
        int end = Math.min(extents.end() - Math.max(1, keep), firstThatMoves(passedBy));
        int from = extents.first();
        for (int to = from + 1; to <= end; to++) {
            if (to - from == most) {
                rows.add(row(from, to));
                from = to;
            }
        }
        if (end - from >= least) {
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

    /** At least one extent stays behind it, where it ends. */
    private ColdExtents row(int from, int to) {
        byte[] content = ShelvedContent.of(extents, from, to);
        return new ColdExtents(
                extents.baseOffset(from),
                extents.baseOffset(to),
                to - from,
                content,
                new ShelvedContent(content).digest());
    }
}
