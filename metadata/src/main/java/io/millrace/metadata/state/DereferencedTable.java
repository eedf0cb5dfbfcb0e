package io.millrace.metadata.state;

import io.millrace.storage.stream.ObjectId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The stream objects that no extent names any more, and since which entry of the log. They are
 * still in the bucket: a reader may be in the middle of one, and an older checkpoint may name it.
 * Objects of one writer that follow each other and go with the same entry are one row, as retention
 * mostly goes of them like that.
 */
final class DereferencedTable {

    private static final ObjectId.Kind[] KINDS = ObjectId.Kind.values();
    private static final Comparator<Row> ORDER =
            Comparator.comparing((Row row) -> row.kind())
                    .thenComparing(Row::incarnation)
                    .thenComparing(Row::sequence);

    /**
     * Objects that went with one entry.
     *
     * @param sequence of the first
     * @param count how many, one behind the other
     * @param bytes of all of them
     * @param entry with which they went, counted from the log's first as 1
     */
    record Row(
            ObjectId.Kind kind,
            long incarnation,
            long sequence,
            long count,
            long bytes,
            long entry) {

        private boolean isFollowedBy(Row next) {
            return kind == next.kind
                    && incarnation == next.incarnation
                    && sequence + count == next.sequence;
        }

        private Row with(Row next) {
            return new Row(
                    kind, incarnation, sequence, count + next.count, bytes + next.bytes, entry);
        }
    }

    private final List<Row> rows = new ArrayList<>();

    /** Those of the entry that is being applied. */
    private final List<Row> now = new ArrayList<>();

    private long objects;
    private long bytes;

    /** No extent names the object any more. */
    void add(ObjectId id, long sizeBytes) {
        now.add(new Row(id.kind(), id.incarnation(), id.sequence(), 1, sizeBytes, 0));
    }

    /**
     * An entry was applied.
     *
     * @param keeping whether what went with it is to be remembered
     */
    void entryEnds(long entry, boolean keeping) {
        if (now.isEmpty()) {
            return;
        }
        if (keeping) {
            now.sort(ORDER);
            for (Row next : now) {
                objects++;
                bytes += next.bytes();
                Row last = rows.isEmpty() ? null : rows.getLast();
                if (last != null && last.entry() == entry && last.isFollowedBy(next)) {
                    rows.set(rows.size() - 1, last.with(next));
                } else {
                    rows.add(
                            new Row(
                                    next.kind(),
                                    next.incarnation(),
                                    next.sequence(),
                                    1,
                                    next.bytes(),
                                    entry));
                }
            }
        }
        now.clear();
    }

    /** In the order in which they went. */
    List<Row> rows() {
        return List.copyOf(rows);
    }

    /** How many objects. */
    long objects() {
        return objects;
    }

    /** Bytes of all of them. */
    long bytes() {
        return bytes;
    }

    StateSnapshot.Part freeze() {
        List<Row> frozen = rows();
        return out -> {
            out.putInt(frozen.size());
            for (Row row : frozen) {
                out.putInt(row.kind().ordinal());
                out.putLong(row.incarnation());
                out.putLong(row.sequence());
                out.putLong(row.count());
                out.putLong(row.bytes());
                out.putLong(row.entry());
            }
        };
    }

    void readFrom(SnapshotReader in) {
        int count = in.getCount();
        for (int i = 0; i < count; i++) {
            Row row =
                    new Row(
                            KINDS[in.getInt()],
                            in.getLong(),
                            in.getLong(),
                            in.getLong(),
                            in.getLong(),
                            in.getLong());
            rows.add(row);
            objects += row.count();
            bytes += row.bytes();
        }
    }
}
