package io.millrace.metadata.state.partition;

import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The offloaded ranges of one partition, in offset order without gaps, before the in-memory
 * extents. A change takes time proportional to the number of ranges. Immutable.
 */
final class OffloadedRanges {

    static final OffloadedRanges EMPTY = new OffloadedRanges(List.of());

    private final List<OffloadedRangeEntry> ranges;

    private OffloadedRanges(List<OffloadedRangeEntry> rows) {
        this.ranges = rows;
    }

    List<OffloadedRangeEntry> ranges() {
        return ranges;
    }

    boolean isEmpty() {
        return ranges.isEmpty();
    }

    /** Returns the index of the range with an offset; the number of ranges for a later offset. */
    int indexOf(long offset) {
        int low = 0;
        int high = ranges.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (ranges.get(middle).endOffset() > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    Optional<OffloadedRangeEntry> containing(long offset) {
        return ranges.stream().skip(indexOf(offset)).findFirst();
    }

    Optional<OffloadedRangeEntry> firstAtTime(long timestampMs) {
        return ranges.stream().filter(row -> row.maxTimestampMs() >= timestampMs).findFirst();
    }

    /** Returns the first range with an extent that retention keeps at this time. */
    Optional<OffloadedRangeEntry> firstKeptSince(long timeMs) {
        return ranges.stream().filter(row -> row.keptMs() >= timeMs).findFirst();
    }

    Optional<OffloadedRangeEntry> last() {
        return ranges.isEmpty() ? Optional.empty() : Optional.of(ranges.getLast());
    }

    OffloadedRanges append(List<OffloadedRangeEntry> more) {
        List<OffloadedRangeEntry> all = new ArrayList<>(ranges.size() + more.size());
        all.addAll(ranges);
        all.addAll(more);
        return all.isEmpty() ? EMPTY : new OffloadedRanges(List.copyOf(all));
    }

    OffloadedRanges subRanges(int from, int to) {
        return from == to ? EMPTY : new OffloadedRanges(List.copyOf(ranges.subList(from, to)));
    }

    void writeTo(SnapshotWriter out) {
        out.putInt(ranges.size());
        ranges.forEach(row -> row.writeTo(out));
    }

    static OffloadedRanges readFrom(SnapshotReader in) {
        List<OffloadedRangeEntry> rows = new ArrayList<>();
        for (int i = in.getCount(); i > 0; i--) {
            rows.add(OffloadedRangeEntry.readFrom(in));
        }
        return EMPTY.append(rows);
    }
}
