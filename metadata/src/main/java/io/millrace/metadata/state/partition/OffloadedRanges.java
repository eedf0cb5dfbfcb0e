package io.millrace.metadata.state.partition;

import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.SnapshotWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The rows of one partition, in offset order and without gaps: what is older than the extents that
 * are in memory. A change costs as much as there are rows. Immutable.
 */
final class OffloadedRanges {

    /** Shared by all partitions of which everything is in memory. */
    static final OffloadedRanges EMPTY = new OffloadedRanges(List.of());

    private final List<OffloadedRangeEntry> rows;

    private OffloadedRanges(List<OffloadedRangeEntry> rows) {
        this.rows = rows;
    }

    List<OffloadedRangeEntry> rows() {
        return rows;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** The row that holds an offset; the number of rows if it lies behind them all. */
    int at(long offset) {
        int low = 0;
        int high = rows.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (rows.get(middle).endOffset() > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** The row that holds an offset; empty if it lies behind them all. */
    Optional<OffloadedRangeEntry> holding(long offset) {
        return rows.stream().skip(at(offset)).findFirst();
    }

    /** The first row with a record of this time or later. */
    Optional<OffloadedRangeEntry> firstAt(long timestampMs) {
        return rows.stream().filter(row -> row.maxTimestampMs() >= timestampMs).findFirst();
    }

    /** The first row of which retention keeps something that is not older than this time. */
    Optional<OffloadedRangeEntry> firstKeptSince(long timeMs) {
        return rows.stream().filter(row -> row.keptMs() >= timeMs).findFirst();
    }

    /** The newest row. */
    Optional<OffloadedRangeEntry> last() {
        return rows.isEmpty() ? Optional.empty() : Optional.of(rows.getLast());
    }

    /** With more rows behind these. */
    OffloadedRanges with(List<OffloadedRangeEntry> more) {
        List<OffloadedRangeEntry> all = new ArrayList<>(rows.size() + more.size());
        all.addAll(rows);
        all.addAll(more);
        return all.isEmpty() ? EMPTY : new OffloadedRanges(List.copyOf(all));
    }

    /** Rows from one up to another alone. */
    OffloadedRanges part(int from, int to) {
        return from == to ? EMPTY : new OffloadedRanges(List.copyOf(rows.subList(from, to)));
    }

    void writeTo(SnapshotWriter out) {
        out.putInt(rows.size());
        rows.forEach(row -> row.writeTo(out));
    }

    static OffloadedRanges readFrom(SnapshotReader in) {
        List<OffloadedRangeEntry> rows = new ArrayList<>();
        for (int i = in.getCount(); i > 0; i--) {
            rows.add(OffloadedRangeEntry.readFrom(in));
        }
        return EMPTY.with(rows);
    }
}
