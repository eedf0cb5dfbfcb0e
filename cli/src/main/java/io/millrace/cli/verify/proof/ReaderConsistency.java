package io.millrace.cli.verify.proof;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether all readers of a partition saw the same: the first to come through a span leaves there a
 * digest of what it saw, and the others compare. Spans begin and end at places that all readers
 * share, so that those who begin later, behind what was removed, compare too. They are joined as
 * the partition grows, so that memory is bounded. Not thread-safe.
 */
public final class ReaderConsistency {

    private static final int MAX_SPANS = 512;

    private final int partition;

    /** By the offset behind them. */
    private final TreeMap<Long, Span> spans = new TreeMap<>();

    private long stride = 1;

    /**
     * What somebody saw of some offsets.
     *
     * @param from the first
     * @param digest the sum of the digests of the records
     */
    private record Span(long from, long digest) {}

    public ReaderConsistency(int partition) {
        this.partition = partition;
    }

    /** Whether a span ends there. */
    boolean isPlace(long nextOffset) {
        return nextOffset % stride == 0;
    }

    /**
     * Takes in what a reader saw of a span. One that begins elsewhere than another's is not
     * compared.
     *
     * @param from the first offset
     * @param nextOffset the offset behind the last
     * @param digest the sum of the digests of all records between
     * @return what is wrong; null if nothing
     */
    @Nullable Violation at(long from, long nextOffset, long digest) {
        if (from == nextOffset) {
            return null;
        }
        Span others = spans.putIfAbsent(nextOffset, new Span(from, digest));
        if (others != null && others.from == from && others.digest != digest) {
            return Violation.of(
                    Violation.Kind.DISAGREEMENT,
                    partition,
                    from,
                    "two readers saw different records or timestamps from offset %d to %d.",
                    from,
                    nextOffset - 1);
        }
        if (spans.size() > MAX_SPANS) {
            join();
        }
        return null;
    }

    /** Makes one span of two. What lies between places that remain is left out. */
    private void join() {
        stride *= 2;
        TreeMap<Long, Span> joined = new TreeMap<>();
        for (Map.Entry<Long, Span> each : spans.entrySet()) {
            if (!isPlace(each.getKey())) {
                continue;
            }
            Span late = each.getValue();
            Span early = isPlace(late.from) ? null : spans.get(late.from);
            joined.put(
                    each.getKey(),
                    early == null ? late : new Span(early.from, early.digest + late.digest));
        }
        spans.clear();
        spans.putAll(joined);
    }
}
