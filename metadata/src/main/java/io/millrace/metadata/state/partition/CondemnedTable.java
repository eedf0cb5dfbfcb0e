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
 * The last condemned object of each writer. Neither this object nor an older one that is still
 * unreferenced can be referenced any more. A writer's objects are referenced about in the order of
 * their numbers, and a condemned object stayed unreferenced for long; so an older one is too late
 * as well. At most two rows for each writer suffice therefore, however many objects are condemned.
 * A closed writer has no row: all its commands are rejected.
 */
public final class CondemnedTable {

    private static final ObjectId.Kind[] KINDS = ObjectId.Kind.values();

    /** The objects of one kind of a writer, which share a sequence. */
    private record ObjectSeries(ObjectId.Kind kind, long incarnation) {

        private static final Comparator<ObjectSeries> ORDER =
                Comparator.comparing(ObjectSeries::kind).thenComparing(ObjectSeries::incarnation);

        static ObjectSeries of(ObjectId id) {
            return new ObjectSeries(id.kind(), id.incarnation());
        }
    }

    private final TreeMap<ObjectSeries, Long> lastSequences = new TreeMap<>(ObjectSeries.ORDER);
    private final LongPredicate isClosed;

    /**
     * @param isClosed returns whether an incarnation is closed
     */
    public CondemnedTable(LongPredicate isClosed) {
        this.isClosed = isClosed;
    }

    /** Returns whether new references to an object are rejected. */
    public boolean forbidsReference(ObjectId id) {
        Long last = lastSequences.get(ObjectSeries.of(id));
        return isClosed.test(id.incarnation()) || (last != null && id.sequence() <= last);
    }

    void add(ObjectId id) {
        if (!isClosed.test(id.incarnation())) {
            lastSequences.merge(ObjectSeries.of(id), id.sequence(), Math::max);
        }
    }

    /** Removes a closed writer. */
    public void removeClosed(long incarnation) {
        for (ObjectId.Kind kind : KINDS) {
            lastSequences.remove(new ObjectSeries(kind, incarnation));
        }
    }

    /** Returns the writers with condemned objects. */
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
