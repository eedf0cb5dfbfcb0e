package io.millrace.metadata.state.partition;

import io.millrace.metadata.snapshot.SnapshotReader;
import io.millrace.metadata.snapshot.StateSnapshot;
import io.millrace.storage.stream.ObjectId;
import java.util.Comparator;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/**
 * The last condemned object of each open writer and kind. New references to this object, or to an
 * older unreferenced object of the writer, are rejected.
 *
 * <p>A writer's objects are referenced about in the order of their numbers, and a condemned object
 * stayed unreferenced for long. Therefore an older object is too late as well, and two rows per
 * writer suffice.
 */
public final class CondemnedTable {

    private static final ObjectId.Kind[] KINDS = ObjectId.Kind.values();

    private record ObjectSeries(ObjectId.Kind kind, long incarnation) {

        private static final Comparator<ObjectSeries> ORDER =
                Comparator.comparing(ObjectSeries::kind).thenComparing(ObjectSeries::incarnation);

        static ObjectSeries of(ObjectId id) {
            return new ObjectSeries(id.kind(), id.incarnation());
        }
    }

    private final TreeMap<ObjectSeries, Long> lastSequences = new TreeMap<>(ObjectSeries.ORDER);
    private final LongPredicate isClosed;

    public CondemnedTable(LongPredicate isClosed) {
        this.isClosed = isClosed;
    }

    public boolean forbidsReference(ObjectId id) {
        Long last = lastSequences.get(ObjectSeries.of(id));
        return isClosed.test(id.incarnation()) || (last != null && id.sequence() <= last);
    }

    void add(ObjectId id) {
        if (!isClosed.test(id.incarnation())) {
            lastSequences.merge(ObjectSeries.of(id), id.sequence(), Math::max);
        }
    }

    public void removeClosed(long incarnation) {
        for (ObjectId.Kind kind : KINDS) {
            lastSequences.remove(new ObjectSeries(kind, incarnation));
        }
    }

    public Set<Long> writers() {
        Set<Long> writers = new TreeSet<>();
        lastSequences.keySet().forEach(series -> writers.add(series.incarnation()));
        return writers;
    }

    public StateSnapshot.Part freeze() {
        TreeMap<ObjectSeries, Long> frozen = new TreeMap<>(lastSequences);
        return out -> {
            out.putInt(frozen.size());
            frozen.forEach((series, last) -> {
                out.putInt(series.kind().ordinal());
                out.putLong(series.incarnation());
                out.putLong(last);
            });
        };
    }

    public void readFrom(SnapshotReader in) {
        int count = in.getCount();
        for (int i = 0; i < count; i++) {
            add(new ObjectId(KINDS[in.getInt()], in.getLong(), in.getLong()));
        }
    }
}
