package io.millrace.cli.verify.proof;

import io.millrace.cli.verify.proof.Violation.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What was sent to a partition and what became of it, against what one reader, the witness, sees
 * there. A record is forgotten as soon as its fate is told and agrees with what the witness saw, so
 * memory is bounded by what is on its way (and by runs of failures). Not thread-safe.
 *
 * <p>Methods that may find something wrong return it, or null. After that the ledger is of no use.
 */
public final class AckLedger {

    private final int partition;
    private final long start;
    private final List<ProducerHistory> lanes = new ArrayList<>();

    /** Records that were acknowledged at an offset to which the witness has not come. */
    private final Map<Long, LedgerEntry> acknowledgedAt = new HashMap<>();

    /** Offsets that the witness came behind without seeing them. */
    private final SequenceSet passed = new SequenceSet();

    private long witnessNext;
    private long afterAcknowledged;
    private long acknowledged;
    private long removed;
    private long compacted;
    private int open;

    /**
     * @param partition its number, for messages
     * @param producers how many may send to it
     * @param start offset of the first record that may be of this run
     */
    public AckLedger(int partition, int producers, long start) {
        this.partition = partition;
        this.start = start;
        for (int i = 0; i < producers; i++) {
            lanes.add(new ProducerHistory(partition, i));
        }
        this.witnessNext = start;
        this.afterAcknowledged = start;
    }

    public int partition() {
        return partition;
    }

    /** Offset of the first record that may be of this run. */
    public long start() {
        return start;
    }

    int producers() {
        return lanes.size();
    }

    /** How many records a producer sent, which is the sequence of its next one. */
    public long sent(int producer) {
        return lanes.get(producer).sent();
    }

    /** A producer sends its next record: from now on it may be acknowledged and seen. */
    public long send(int producer) {
        open++;
        return lanes.get(producer).send();
    }

    /** The last record of a producer was not sent after all. */
    public void withdraw(int producer) {
        open--;
        lanes.get(producer).withdraw();
    }

    /** A producer learns what became of a record. */
    public @Nullable Violation reported(int producer, long sequence, DeliveryOutcome fate) {
        ProducerHistory lane = lanes.get(producer);
        LedgerEntry entry = lane.open(sequence);
        if (entry == null || entry.fate != null) {
            throw new IllegalStateException("The fate of a record is told once");
        }
        entry.fate = fate;
        Violation wrong =
                switch (fate) {
                    case DeliveryOutcome.Stored(long offset) -> acknowledged(entry, offset);
                    case DeliveryOutcome.NotStored ignored -> lane.notStored(entry);
                    case DeliveryOutcome.Unknown ignored -> {
                        lane.unknown(entry);
                        yield null;
                    }
                };
        return wrong != null ? wrong : settle(lane);
    }

    private @Nullable Violation acknowledged(LedgerEntry entry, long offset) {
        acknowledged++;
        afterAcknowledged = Math.max(afterAcknowledged, offset + 1);
        if (offset < 0 || entry.seenAt == offset) {
            return null;
        }
        if (entry.seenAt >= 0) {
            return entry.elsewhere(partition);
        }
        if (passed.contains(offset)) {
            entry.seenAt = offset;
            return null;
        }
        if (offset < witnessNext) {
            return entry.lost(partition, offset);
        }
        LedgerEntry other = acknowledgedAt.putIfAbsent(offset, entry);
        return other == null
                ? null
                : Violation.of(
                        Kind.WRONG_OFFSET,
                        partition,
                        offset,
                        "offset %d was acknowledged for %s and for %s.",
                        offset,
                        other,
                        entry);
    }

    /** The witness sees a record that was sent. It sees every offset once, in order. */
    @Nullable Violation seen(int producer, long sequence, long offset) {
        witnessNext = offset + 1;
        LedgerEntry expected = acknowledgedAt.remove(offset);
        if (expected != null && (expected.producer != producer || expected.sequence != sequence)) {
            return expected.lost(partition, offset);
        }
        ProducerHistory lane = lanes.get(producer);
        LedgerEntry entry = lane.open(sequence);
        if (entry == null) {
            return lane.seenLate(sequence, offset);
        }
        if (entry.seenAt >= 0) {
            return entry.doubled(partition, offset);
        }
        entry.seenAt = offset;
        Violation wrong = lane.seen(entry);
        return wrong != null ? wrong : settle(lane);
    }

    /**
     * The witness goes on at an offset without those between: they are below the log start, or may
     * have newer records of their keys. What was acknowledged there counts as seen; whether it may
     * be gone is for auditors.
     */
    @Nullable Violation pass(long offset) {
        passed.addNew(witnessNext, offset);
        for (long gone = witnessNext; gone < offset; gone++) {
            LedgerEntry entry = acknowledgedAt.remove(gone);
            if (entry == null) {
                continue;
            }
            entry.seenAt = gone;
            Violation wrong = settle(lanes.get(entry.producer));
            if (wrong != null) {
                return wrong;
            }
        }
        witnessNext = offset;
        return null;
    }

    private @Nullable Violation settle(ProducerHistory lane) {
        int before = lane.openCount();
        Violation wrong = lane.settle();
        open -= before - lane.openCount();
        return wrong;
    }

    /** The witness is at the end, and all fates are told. */
    public @Nullable Violation end() {
        Optional<LedgerEntry> missing =
                lanes.stream()
                        .flatMap(ProducerHistory::open)
                        .filter(LedgerEntry::isMissing)
                        // Without an offset it may be one of those that the witness passed.
                        .filter(entry -> entry.promised() >= 0 || passed.size() == 0)
                        .min(Comparator.comparingLong(LedgerEntry::promised));
        return missing.map(entry -> entry.lost(partition, entry.promised())).orElse(null);
    }

    /** What a producer was told about a record; only when all fates are told. */
    DeliveryOutcome fateOf(int producer, long sequence) {
        return lanes.get(producer).fateOf(sequence);
    }

    /** An offset that an acknowledged record was at, or behind; -1 if nothing is known. */
    long notBefore(int producer, long sequence) {
        return lanes.get(producer).notBefore(sequence);
    }

    /** An auditor missed acknowledged records that may be gone. */
    void missed(long belowLogStart, long superseded) {
        removed = Math.max(removed, belowLogStart);
        compacted = Math.max(compacted, superseded);
    }

    /** Records about which something is not known yet. */
    public int open() {
        return open;
    }

    /** Offset behind all that was acknowledged or seen. */
    public long next() {
        return Math.max(afterAcknowledged, witnessNext);
    }

    /** Records that were acknowledged. */
    public long acknowledged() {
        return acknowledged;
    }

    /** Those of {@link #acknowledged} that went because the log start is behind them. */
    public long removed() {
        return removed;
    }

    /** Those of {@link #acknowledged} that went because newer records have their keys. */
    public long compacted() {
        return compacted;
    }

    /** Records that were reported as not stored. */
    public long notStored() {
        return sum(ProducerHistory::notStoredCount);
    }

    /** Records of which it was not known whether they are stored. */
    public long unknown() {
        return sum(ProducerHistory::unknownCount);
    }

    /** Those of {@link #unknown} that are there. */
    public long unknownStored() {
        return sum(ProducerHistory::unknownSeenCount);
    }

    private long sum(ToLongFunction<ProducerHistory> count) {
        return lanes.stream().mapToLong(count).sum();
    }
}
