package io.millrace.metadata.state;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The rows that no reader can reach any more, as they lie below a log start or their topic is gone.
 * Which objects their extents name only the manifests know: so these stay named until somebody
 * brings that content back.
 */
final class OwedTable {

    /** Which row: no later one ends where it does, as it ends at or below the log start. */
    record Key(long topicId, int partition, long endOffset) {

        private static final Comparator<Key> ORDER =
                Comparator.comparingLong(Key::topicId)
                        .thenComparingInt(Key::partition)
                        .thenComparingLong(Key::endOffset);
    }

    private final TreeMap<Key, ShelfRow> rows = new TreeMap<>(Key.ORDER);

    /** A row of a partition is out of reach. */
    void add(long topicId, int partition, ShelfRow row) {
        rows.put(new Key(topicId, partition, row.endOffset()), row);
    }

    NavigableMap<Key, ShelfRow> rows() {
        return rows;
    }

    StateSnapshot.Part freeze() {
        List<Map.Entry<Key, ShelfRow>> frozen = new ArrayList<>(rows.size());
        rows.forEach((key, row) -> frozen.add(Map.entry(key, row)));
        return out -> {
            out.putInt(frozen.size());
            for (Map.Entry<Key, ShelfRow> one : frozen) {
                out.putLong(one.getKey().topicId());
                out.putInt(one.getKey().partition());
                one.getValue().writeTo(out);
            }
        };
    }

    void readFrom(SnapshotReader in) {
        for (int i = in.getCount(); i > 0; i--) {
            add(in.getLong(), in.getInt(), ShelfRow.readFrom(in));
        }
    }
}
