package io.millrace.cli.proof;

import io.millrace.cli.proof.Violation.Kind;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What one producer sent to one partition. Not thread-safe. */
final class Lane {

    private final int partition;
    private final int producer;
    private final Map<Long, Entry> open = new HashMap<>();
    private final Sequences notStored = new Sequences();
    private final Sequences unknown = new Sequences();
    private final Sequences unknownSeen = new Sequences();
    private final Trail trail = new Trail();
    private long sent;
    private long settled;
    private long lastOffset = -1;

    Lane(int partition, int producer) {
        this.partition = partition;
        this.producer = producer;
    }

    long send() {
        open.put(sent, new Entry(producer, sent));
        return sent++;
    }

    void withdraw() {
        open.remove(--sent);
    }

    /** Sequence of the next record. */
    long sent() {
        return sent;
    }

    /** A record about which something is not known; null for all others. */
    @Nullable Entry open(long sequence) {
        return open.get(sequence);
    }

    Stream<Entry> open() {
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

    /** What the producer was told about a record about which all is known. */
    Fate fateOf(long sequence) {
        if (notStored.contains(sequence)) {
            return new Fate.NotStored();
        }
        return unknown.contains(sequence) ? new Fate.Unknown() : new Fate.Stored(-1);
    }

    /** An offset that an acknowledged record was at, or behind; -1 if nothing is known. */
    long notBefore(long sequence) {
        return trail.notBefore(sequence);
    }

    @Nullable Violation notStored(Entry entry) {
        notStored.add(entry.sequence);
        return entry.seenAt < 0 ? null : entry.denied(partition, entry.seenAt);
    }

    void unknown(Entry entry) {
        unknown.add(entry.sequence);
        if (entry.seenAt >= 0) {
            unknownSeen.add(entry.sequence);
        }
    }

    /** The witness sees an open record for the first time. */
    @Nullable Violation seen(Entry entry) {
        return switch (entry.fate) {
            case null -> null;
            case Fate.Stored(long promised) when promised >= 0 && promised != entry.seenAt ->
                    entry.elsewhere(partition);
            case Fate.Stored ignored -> null;
            case Fate.NotStored ignored -> entry.denied(partition, entry.seenAt);
            case Fate.Unknown ignored -> {
                unknownSeen.add(entry.sequence);
                yield null;
            }
        };
    }

    /** The witness sees a record that is not open any more. */
    @Nullable Violation seenLate(long sequence, long offset) {
        Entry late = new Entry(producer, sequence);
        if (notStored.contains(sequence)) {
            return late.denied(partition, offset);
        }
        if (unknown.contains(sequence) && unknownSeen.add(sequence)) {
            return null;
        }
        return late.doubled(partition, offset);
    }

    /** Forgets the oldest records as far as all is known about them. */
    @Nullable Violation settle() {
        for (Entry oldest = open.get(settled);
                oldest != null && oldest.isSettled();
                oldest = open.get(settled)) {
            if (oldest.fate instanceof Fate.Stored) {
                if (oldest.seenAt < lastOffset) {
                    return Violation.of(
                            Kind.REORDERED,
                            partition,
                            oldest.seenAt,
                            "%s is at offset %d, before one that was sent earlier, at offset %d.",
                            oldest,
                            oldest.seenAt,
                            lastOffset);
                }
                lastOffset = oldest.seenAt;
                trail.add(settled, lastOffset);
            }
            open.remove(settled++);
        }
        return null;
    }
}
