package io.millrace.metadata.state.partition;

import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The offloaded ranges of one partition, in offset order and without gaps. All of them precede the
 * in-memory extents. A change takes time proportional to the number of ranges. Immutable.
 */
final class OffloadedRanges {

    /** Shared by all partitions without offloaded ranges. */
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

    /** Returns the range with an offset; empty for an offset after all ranges. */
    Optional<OffloadedRangeEntry> containing(long offset) {
        return ranges.stream().skip(indexOf(offset)).findFirst();
    }

    /** Returns the first range with a record of this time or later. */
    Optional<OffloadedRangeEntry> firstAtTime(long timestampMs) {
        return ranges.stream().filter(row -> row.maxTimestampMs() >= timestampMs).findFirst();
    }

    /**
     * Returns the first range in which retention keeps an extent that is not older than this time.
     */
    Optional<OffloadedRangeEntry> firstKeptSince(long timeMs) {
        return ranges.stream().filter(row -> row.keptMs() >= timeMs).findFirst();
    }

    Optional<OffloadedRangeEntry> last() {
        return ranges.isEmpty() ? Optional.empty() : Optional.of(ranges.getLast());
    }

    /** Returns these ranges followed by {@code more}. */
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
