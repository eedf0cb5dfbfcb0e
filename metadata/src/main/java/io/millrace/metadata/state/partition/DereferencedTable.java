package io.millrace.metadata.state.partition;

import io.millrace.metadata.DereferencedObjects;
import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The dereferenced stream objects with the entry that removed the last reference. They are still in
 * the bucket, because readers and older checkpoints may use them. Consecutive objects of one writer
 * that one entry dereferenced share a row.
 */
public final class DereferencedTable {

    private static final ObjectId.Kind[] KINDS = ObjectId.Kind.values();
    private static final Comparator<DereferencedObjects> ORDER =
            Comparator.comparing((DereferencedObjects row) -> row.kind())
                    .thenComparing(DereferencedObjects::incarnation)
                    .thenComparing(DereferencedObjects::sequence);

    private final List<DereferencedObjects> rows = new ArrayList<>();

    private final List<DereferencedObjects> currentEntry = new ArrayList<>();

    private long objects;
    private long bytes;

    public void add(ObjectId id, long sizeBytes) {
        currentEntry.add(
                new DereferencedObjects(
                        id.kind(), id.incarnation(), id.sequence(), 1, sizeBytes, 0));
    }

    public void finishEntry(long entry) {
        currentEntry.sort(ORDER);
        for (DereferencedObjects next : currentEntry) {
            objects++;
            bytes += next.sizeBytes();
            DereferencedObjects last = rows.isEmpty() ? null : rows.getLast();
            if (last != null && last.entry() == entry && isFollowedBy(last, next)) {
                rows.set(rows.size() - 1, joined(last, next));
            } else {
                rows.add(
                        new DereferencedObjects(
                                next.kind(),
                                next.incarnation(),
                                next.sequence(),
                                1,
                                next.sizeBytes(),
                                entry));
            }
        }
        currentEntry.clear();
    }

    private static boolean isFollowedBy(DereferencedObjects objects, DereferencedObjects next) {
        return objects.kind() == next.kind()
                && objects.incarnation() == next.incarnation()
                && objects.sequence() + objects.count() == next.sequence();
    }

    private static DereferencedObjects joined(
            DereferencedObjects objects, DereferencedObjects next) {
        return new DereferencedObjects(
                objects.kind(),
                objects.incarnation(),
                objects.sequence(),
                objects.count() + next.count(),
                objects.sizeBytes() + next.sizeBytes(),
                objects.entry());
    }

    public List<DereferencedObjects> upTo(long entry, int max) {
        long taken = 0;
        int count = 0;
        while (count < rows.size()
                && rows.get(count).entry() <= entry
                && (taken < max || rows.get(count).entry() == rows.get(count - 1).entry())) {
            taken += rows.get(count++).count();
        }
        return List.copyOf(rows.subList(0, count));
    }

    private int countUpTo(long entry) {
        int count = 0;
        while (count < rows.size() && rows.get(count).entry() <= entry) {
            count++;
        }
        return count;
    }

    public void removeUpTo(long entry) {
        List<DereferencedObjects> gone = rows.subList(0, countUpTo(entry));
        for (DereferencedObjects row : gone) {
            objects -= row.count();
            bytes -= row.sizeBytes();
        }
        gone.clear();
    }

    public long objects() {
        return objects;
    }

    public long bytes() {
        return bytes;
    }

    public StateSnapshot.Part freeze() {
        List<DereferencedObjects> frozen = List.copyOf(rows);
        return out -> {
            out.putInt(frozen.size());
            for (DereferencedObjects row : frozen) {
                out.putInt(row.kind().ordinal());
                out.putLong(row.incarnation());
                out.putLong(row.sequence());
                out.putLong(row.count());
                out.putLong(row.sizeBytes());
                out.putLong(row.entry());
            }
        };
    }

    public void readFrom(SnapshotReader in) {
        int count = in.getCount();
        for (int i = 0; i < count; i++) {
            DereferencedObjects row =
                    new DereferencedObjects(
                            KINDS[in.getInt()],
                            in.getLong(),
                            in.getLong(),
                            in.getLong(),
                            in.getLong(),
                            in.getLong());
            rows.add(row);
            objects += row.count();
            bytes += row.sizeBytes();
        }
    }
}
