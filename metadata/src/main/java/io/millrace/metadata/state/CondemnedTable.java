package io.millrace.metadata.state;

import io.millrace.storage.stream.ObjectId;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/**
 * The objects that are in the bucket and that nothing may name any more. Of a writer that is closed
 * nothing need be remembered: nothing of it counts.
 */
final class CondemnedTable {

    private static final ObjectId.Kind[] KINDS = ObjectId.Kind.values();

    /** By kind of object and number, for each writer. */
    private final TreeMap<Long, TreeSet<ObjectId>> byWriter = new TreeMap<>();

    private final LongPredicate isClosed;

    /**
     * @param isClosed tells of an incarnation whether it is closed
     */
    CondemnedTable(LongPredicate isClosed) {
        this.isClosed = isClosed;
    }

    /** Whether nothing may name it. */
    boolean bans(ObjectId id) {
        TreeSet<ObjectId> ofWriter = byWriter.get(id.incarnation());
        return isClosed.test(id.incarnation()) || (ofWriter != null && ofWriter.contains(id));
    }

    void add(ObjectId id) {
        if (!isClosed.test(id.incarnation())) {
            byWriter.computeIfAbsent(id.incarnation(), writer -> new TreeSet<>(ObjectId.ORDER))
                    .add(id);
        }
    }

    /** A writer was closed. */
    void closed(long incarnation) {
        byWriter.remove(incarnation);
    }

    StateSnapshot.Part freeze() {
        TreeSet<ObjectId> all = new TreeSet<>(ObjectId.ORDER);
        byWriter.values().forEach(all::addAll);
        return out -> {
            out.putInt(all.size());
            for (ObjectId id : all) {
                out.putInt(id.kind().ordinal());
                out.putLong(id.incarnation());
                out.putLong(id.sequence());
            }
        };
    }

    void readFrom(SnapshotReader in) {
        int count = in.getCount();
        for (int i = 0; i < count; i++) {
            add(new ObjectId(KINDS[in.getInt()], in.getLong(), in.getLong()));
        }
    }
}
