package io.millrace.cli.verify.proof;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Checks that all readers of a partition see the same records. Later readers compare their digest
 * of a span of offsets with that of the first reader. Common boundaries let readers start late.
 * Spans are joined as the partition grows, which bounds memory. Not thread-safe.
 */
public final class ReaderConsistency {

    private static final int MAX_SPANS = 512;

    private final int partition;

    /** Keyed by the end offset, exclusive. */
    private final TreeMap<Long, Span> spans = new TreeMap<>();

    private final RecordFingerprints fingerprints = new RecordFingerprints();
    private long stride = 1;

    /**
     * @param digest the sum of the digests of the records
     */
    private record Span(long from, long digest) {}

    public ReaderConsistency(int partition) {
        this.partition = partition;
    }

    /** Returns whether a span ends at the offset. */
    boolean isBoundary(long nextOffset) {
        return nextOffset % stride == 0;
    }

    /**
     * Compares a reader's digest of a span, or stores the first digest. Spans with different first
     * offsets are not compared.
     *
     * @param nextOffset the offset after the last
     * @param digest the sum of the digests of all records between
     * @return the violation, or null
     */
    @Nullable Violation compare(long from, long nextOffset, long digest) {
        if (from == nextOffset) {
            return null;
        }
        Span others = spans.putIfAbsent(nextOffset, new Span(from, digest));
        if (others != null && others.from == from && others.digest != digest) {
            return Violation.of(
                    Violation.Kind.DISAGREEMENT,
                    partition,
                    from,
                    "two readers read different records or timestamps from offset %d to %d.",
                    from,
                    nextOffset - 1);
        }
        if (spans.size() > MAX_SPANS) {
            joinSpans();
        }
        return null;
    }

    /** Compares a record of a compacted topic with the record that others read at its offset. */
    @Nullable Violation compareRecord(long offset, long digest) {
        return fingerprints.isAsBefore(offset, digest)
                ? null
                : Violation.of(
                        Violation.Kind.DISAGREEMENT,
                        partition,
                        offset,
                        "two readers read different records or timestamps at offset %d.",
                        offset);
    }

    /**
     * Doubles the stride. A span that ends at a dropped boundary and has no successor is discarded.
     */
    private void joinSpans() {
        stride *= 2;
        TreeMap<Long, Span> joined = new TreeMap<>();
        for (Map.Entry<Long, Span> each : spans.entrySet()) {
            if (!isBoundary(each.getKey())) {
                continue;
            }
            Span late = each.getValue();
            Span early = isBoundary(late.from) ? null : spans.get(late.from);
            joined.put(
                    each.getKey(),
                    early == null ? late : new Span(early.from, early.digest + late.digest));
        }
        spans.clear();
        spans.putAll(joined);
    }
}
