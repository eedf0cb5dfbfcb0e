package io.millrace.metadata.state.partition;

import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.StateSnapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The unreachable ranges: below the log start or of a deleted topic. Only the extent manifest lists
 * the referenced objects, so they stay referenced until the ranges are reloaded.
 */
public final class UnreachableRanges {

    /** The key of a range. Unique, because no later range can have the same end. */
    public record Key(long topicId, int partition, long endOffset) {

        private static final Comparator<Key> ORDER =
                Comparator.comparingLong(Key::topicId)
                        .thenComparingInt(Key::partition)
                        .thenComparingLong(Key::endOffset);
    }

    private final TreeMap<Key, OffloadedRangeEntry> ranges = new TreeMap<>(Key.ORDER);

    void add(long topicId, int partition, OffloadedRangeEntry row) {
        ranges.put(new Key(topicId, partition, row.endOffset()), row);
    }

    public NavigableMap<Key, OffloadedRangeEntry> ranges() {
        return ranges;
    }

    public StateSnapshot.Part freeze() {
        List<Map.Entry<Key, OffloadedRangeEntry>> frozen = new ArrayList<>(ranges.size());
        ranges.forEach((key, row) -> frozen.add(Map.entry(key, row)));
        return out -> {
            out.putInt(frozen.size());
            for (Map.Entry<Key, OffloadedRangeEntry> entry : frozen) {
                out.putLong(entry.getKey().topicId());
                out.putInt(entry.getKey().partition());
                entry.getValue().writeTo(out);
            }
        };
    }

    public void readFrom(SnapshotReader in) {
        for (int i = in.getCount(); i > 0; i--) {
            add(in.getLong(), in.getInt(), OffloadedRangeEntry.readFrom(in));
        }
    }
}
