package io.millrace.metadata.state.partition;

import io.millrace.metadata.MergeState;
import io.millrace.metadata.OffloadCandidate;
import io.millrace.metadata.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Finds the extents of a partition that may be offloaded. Does not modify state. */
final class OffloadPlanner {

    private final ExtentList extents;
    private final ObjectTable objects;
    private final Function<StoredObject, MergeState> mergeState;

    OffloadPlanner(
            ExtentList extents, ObjectTable objects, Function<StoredObject, MergeState> motion) {
        this.extents = extents;
        this.objects = objects;
        this.mergeState = motion;
    }

    /** See {@link io.millrace.metadata.PartitionLog#offloadCandidates}. */
    List<OffloadCandidate> plan(int keep, int min, int max, int passedBy) {
        List<OffloadCandidate> rows = new ArrayList<>();
        int end = Math.min(extents.end() - Math.max(1, keep), firstToMove(passedBy));
        int from = extents.first();
        for (int to = from + 1; to <= end; to++) {
            if (to - from == max) {
                rows.add(candidate(from, to));
                from = to;
            }
        }
        if (end - from >= min) {
            rows.add(candidate(from, end));
        }
        return rows;
    }

    private int firstToMove(int passedBy) {
        int settled = 0;
        int first = extents.end();
        for (int i = extents.end() - 1; i >= extents.first(); i--) {
            switch (mergeState.apply(objects.stored(extents.objectNumber(i)))) {
                case SETTLED -> settled++;
                case PENDING -> first = settled < passedBy ? i : first;
                case MOVING -> first = i;
            }
        }
        return first;
    }

    /** Encodes a range, which must precede another extent. */
    private OffloadCandidate candidate(int from, int to) {
        byte[] content = OffloadedContent.encode(extents, from, to);
        return new OffloadCandidate(
                extents.baseOffset(from),
                extents.baseOffset(to),
                to - from,
                content,
                new OffloadedContent(content).digest());
    }
}
