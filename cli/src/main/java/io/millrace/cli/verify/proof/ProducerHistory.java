package io.millrace.cli.verify.proof;

import io.millrace.cli.verify.proof.Violation.Kind;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The records of a producer in a partition. Not thread-safe. */
final class ProducerHistory {

    private final int partition;
    private final int producer;
    private final Map<Long, LedgerEntry> open = new HashMap<>();
    private final SequenceSet notStored = new SequenceSet();
    private final SequenceSet unknown = new SequenceSet();
    private final SequenceSet unknownSeen = new SequenceSet();
    private final SparseOffsetIndex offsetIndex = new SparseOffsetIndex();
    private long sent;
    private long settled;
    private long lastOffset = -1;

    ProducerHistory(int partition, int producer) {
        this.partition = partition;
        this.producer = producer;
    }

    long send() {
        open.put(sent, new LedgerEntry(producer, sent));
        return sent++;
    }

    void withdraw() {
        open.remove(--sent);
    }

    long sent() {
        return sent;
    }

    /** Returns an open record, or null. */
    @Nullable LedgerEntry open(long sequence) {
        return open.get(sequence);
    }

    Stream<LedgerEntry> open() {
        return open.values().stream();
    }

    int openCount() {
        return open.size();
    }

    long notStoredCount() {
        return notStored.size();
    }

    long unknownCount() {
        return unknown.size();
    }

    long unknownSeenCount() {
        return unknownSeen.size();
    }

    DeliveryOutcome outcomeOf(long sequence) {
        if (notStored.contains(sequence)) {
            return new DeliveryOutcome.NotStored();
        }
        return unknown.contains(sequence)
                ? new DeliveryOutcome.Unknown()
                : new DeliveryOutcome.Stored(-1);
    }

    long offsetLowerBound(long sequence) {
        return offsetIndex.offsetLowerBound(sequence);
    }

    @Nullable Violation notStored(LedgerEntry entry) {
        notStored.add(entry.sequence);
        return entry.seenAt < 0 ? null : entry.denied(partition, entry.seenAt);
    }

    void unknown(LedgerEntry entry) {
        unknown.add(entry.sequence);
        if (entry.seenAt >= 0) {
            unknownSeen.add(entry.sequence);
        }
    }

    /** Called when the witness reads an open record for the first time. */
    @Nullable Violation onRead(LedgerEntry entry) {
        return switch (entry.outcome) {
            case null -> null;
            case DeliveryOutcome.Stored(long promised)
                    when promised >= 0 && promised != entry.seenAt ->
                    entry.wrongOffset(partition);
            case DeliveryOutcome.Stored ignored -> null;
            case DeliveryOutcome.NotStored ignored -> entry.denied(partition, entry.seenAt);
            case DeliveryOutcome.Unknown ignored -> {
                unknownSeen.add(entry.sequence);
                yield null;
            }
        };
    }

    /** Called when the witness reads a record that is no longer open. */
    @Nullable Violation onLateRead(long sequence, long offset) {
        LedgerEntry late = new LedgerEntry(producer, sequence);
        if (notStored.contains(sequence)) {
            return late.denied(partition, offset);
        }
        if (unknown.contains(sequence) && unknownSeen.add(sequence)) {
            return null;
        }
        return late.doubled(partition, offset);
    }

    /** Forgets the oldest records up to the first that is not settled. */
    @Nullable Violation settle() {
        for (LedgerEntry oldest = open.get(settled);
                oldest != null && oldest.isSettled();
                oldest = open.get(settled)) {
            if (oldest.outcome instanceof DeliveryOutcome.Stored) {
                if (oldest.seenAt < lastOffset) {
                    return Violation.of(
                            Kind.REORDERED,
                            partition,
                            oldest.seenAt,
                            "%s is stored at offset %d, before a record that was sent earlier, at offset %d.",
                            oldest,
                            oldest.seenAt,
                            lastOffset);
                }
                lastOffset = oldest.seenAt;
                offsetIndex.add(settled, lastOffset);
            }
            open.remove(settled++);
        }
        return null;
    }
}
