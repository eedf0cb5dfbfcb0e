package io.millrace.metadata.state;

import io.millrace.metadata.ColdExtents;
import io.millrace.metadata.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Finds which extents of a partition may leave memory. Changes nothing. */
final class ColdSearch {

    private final ExtentList extents;
    private final ObjectTable objects;
    private final Predicate<StoredObject> settled;

    /**
     * @param settled whether nothing will move what is in an object
     */
    ColdSearch(ExtentList extents, ObjectTable objects, Predicate<StoredObject> settled) {
        this.extents = extents;
        this.objects = objects;
        this.settled = settled;
    }

    /** As {@link io.millrace.metadata.PartitionLog#cold}. */
    List<ColdExtents> rows(int keep, int least, int most) {
        List<ColdExtents> rows = new ArrayList<>();
        int end = extents.end() - Math.max(1, keep);
        int from = extents.first();
        int to = from;
        while (to < end && settled.test(objects.stored(extents.objectNumber(to)))) {
            to++;
            if (to - from == most) {
                rows.add(row(from, to));
                from = to;
            }
        }
        if (to - from >= least) {
            rows.add(row(from, to));
        }
        return rows;
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
