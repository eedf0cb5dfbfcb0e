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
 * Compares the records sent to a partition, and their outcomes, with the records that the witness
 * reads. A record is forgotten once settled: the records in flight and the runs of failures bound
 * the memory. Not thread-safe.
 *
 * <p>Methods that can find a violation return it, or null. After a violation the ledger is
 * unusable.
 */
public final class AckLedger {

    private final int partition;
    private final long start;
    private final List<ProducerHistory> histories = new ArrayList<>();

    /** Acknowledged records at offsets that the witness has not reached. */
    private final Map<Long, LedgerEntry> acknowledgedAt = new HashMap<>();

    private final SequenceSet skipped = new SequenceSet();

    private long witnessNext;
    private long afterAcknowledged;
    private long acknowledged;
    private long removed;
    private long compacted;
    private int openCount;

    /**
     * @param start the first offset that may belong to this run
     */
    public AckLedger(int partition, int producers, long start) {
        this.partition = partition;
        this.start = start;
        for (int i = 0; i < producers; i++) {
            histories.add(new ProducerHistory(partition, i));
        }
        this.witnessNext = start;
        this.afterAcknowledged = start;
    }

    public int partition() {
        return partition;
    }

    public long start() {
        return start;
    }

    int producers() {
        return histories.size();
    }

    /** Returns the number of records sent, also the sequence of the next record. */
    public long sent(int producer) {
        return histories.get(producer).sent();
    }

    /** Registers a record, which may be acknowledged and read from now on. */
    public long send(int producer) {
        openCount++;
        return histories.get(producer).send();
    }

    /** Undoes the registration of a producer's last record. */
    public void withdraw(int producer) {
        openCount--;
        histories.get(producer).withdraw();
    }

    public @Nullable Violation reported(int producer, long sequence, DeliveryOutcome fate) {
        ProducerHistory lane = histories.get(producer);
        LedgerEntry entry = lane.open(sequence);
        if (entry == null || entry.outcome != null) {
            throw new IllegalStateException("The outcome of a record is reported once");
        }
        entry.outcome = fate;
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
            return entry.wrongOffset(partition);
        }
        if (skipped.contains(offset)) {
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
                        "offset %d was acknowledged for both %s and %s.",
                        offset,
                        other,
                        entry);
    }

    /** Called when the witness reads a sent record; every offset once, in order. */
    @Nullable Violation onRead(int producer, long sequence, long offset) {
        witnessNext = offset + 1;
        LedgerEntry expected = acknowledgedAt.remove(offset);
        if (expected != null && (expected.producer != producer || expected.sequence != sequence)) {
            return expected.lost(partition, offset);
        }
        ProducerHistory lane = histories.get(producer);
        LedgerEntry entry = lane.open(sequence);
        if (entry == null) {
            return lane.onLateRead(sequence, offset);
        }
        if (entry.seenAt >= 0) {
            return entry.doubled(partition, offset);
        }
        entry.seenAt = offset;
        Violation wrong = lane.onRead(entry);
        return wrong != null ? wrong : settle(lane);
    }

    /**
     * Called when the witness skips offsets, which are below the log start or compacted.
     * Acknowledged records there count as read; auditors decide if they may be missing.
     */
    @Nullable Violation skipTo(long offset) {
        skipped.addNew(witnessNext, offset);
        for (long gone = witnessNext; gone < offset; gone++) {
            LedgerEntry entry = acknowledgedAt.remove(gone);
            if (entry == null) {
                continue;
            }
            entry.seenAt = gone;
            Violation wrong = settle(histories.get(entry.producer));
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
        openCount -= before - lane.openCount();
        return wrong;
    }

    /** Called when the witness has reached the end and all outcomes are known. */
    public @Nullable Violation end() {
        Optional<LedgerEntry> missing =
                histories.stream()
                        .flatMap(ProducerHistory::open)
                        .filter(LedgerEntry::isMissing)
                        // The witness may have skipped a record acknowledged without an offset.
                        .filter(entry -> entry.acknowledgedOffset() >= 0 || skipped.size() == 0)
                        .min(Comparator.comparingLong(LedgerEntry::acknowledgedOffset));
        return missing.map(entry -> entry.lost(partition, entry.acknowledgedOffset())).orElse(null);
    }

    /** Returns the outcome of a record; only once all outcomes are known. */
    DeliveryOutcome outcomeOf(int producer, long sequence) {
        return histories.get(producer).outcomeOf(sequence);
    }

    /** Returns a lower bound of an acknowledged record's offset; -1 if unknown. */
    long offsetLowerBound(int producer, long sequence) {
        return histories.get(producer).offsetLowerBound(sequence);
    }

    void addMissing(long belowLogStart, long superseded) {
        removed = Math.max(removed, belowLogStart);
        compacted = Math.max(compacted, superseded);
    }

    public int openCount() {
        return openCount;
    }

    /** Returns the offset after the last acknowledged or read record. */
    public long endOffset() {
        return Math.max(afterAcknowledged, witnessNext);
    }

    public long acknowledged() {
        return acknowledged;
    }

    public long removed() {
        return removed;
    }

    public long compacted() {
        return compacted;
    }

    public long notStored() {
        return sum(ProducerHistory::notStoredCount);
    }

    public long unknown() {
        return sum(ProducerHistory::unknownCount);
    }

    public long unknownStored() {
        return sum(ProducerHistory::unknownSeenCount);
    }

    private long sum(ToLongFunction<ProducerHistory> count) {
        return histories.stream().mapToLong(count).sum();
    }
}
