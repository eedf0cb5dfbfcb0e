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
 * The last condemned object of each writer. Nothing may name that one any more, nor an older one
 * that is not named yet: a writer names its objects about in the order of their numbers, and a
 * condemned one was there for long without a name, so what is older comes too late as well. So
 * there are two rows at most for each writer, however many of its objects are condemned; and none
 * of one that is closed, as nothing of it counts.
 */
public final class CondemnedTable {

    private static final ObjectId.Kind[] KINDS = ObjectId.Kind.values();

    /** The objects of a writer that are numbered together. */
    private record Series(ObjectId.Kind kind, long incarnation) {

        private static final Comparator<Series> ORDER =
                Comparator.comparing(Series::kind).thenComparing(Series::incarnation);

        static Series of(ObjectId id) {
            return new Series(id.kind(), id.incarnation());
        }
    }

    private final TreeMap<Series, Long> lastSequences = new TreeMap<>(Series.ORDER);
    private final LongPredicate isClosed;

    /**
     * @param isClosed tells of an incarnation whether it is closed
     */
    public CondemnedTable(LongPredicate isClosed) {
        this.isClosed = isClosed;
    }

    /** Whether nothing may name it that does not already. */
    public boolean bans(ObjectId id) {
        Long last = lastSequences.get(Series.of(id));
        return isClosed.test(id.incarnation()) || (last != null && id.sequence() <= last);
    }

    void add(ObjectId id) {
        if (!isClosed.test(id.incarnation())) {
            lastSequences.merge(Series.of(id), id.sequence(), Math::max);
        }
    }

    /** A writer was closed. */
    public void closed(long incarnation) {
        for (ObjectId.Kind kind : KINDS) {
            lastSequences.remove(new Series(kind, incarnation));
        }
    }

    /** Those of whose objects any are condemned. */
    public Set<Long> writers() {
        Set<Long> writers = new TreeSet<>();
        lastSequences.keySet().forEach(series -> writers.add(series.incarnation()));
        return writers;
    }

    public StateSnapshot.Part freeze() {
        TreeMap<Series, Long> frozen = new TreeMap<>(lastSequences);
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
