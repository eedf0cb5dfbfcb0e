package io.millrace.simulation.invariant;

import io.millrace.simulation.workload.KeyedBatches;
import io.millrace.simulation.workload.KeyedBatches.ParsedRecord;

/** A record of a compacted topic, present or removed. */
final class KeyedRecord {

    static final long NEVER = -1;

    final long offset;
    final long number;
    final int key;
    final boolean tombstone;
    final long timestampMs;
    final long sealedMs;
    final long writtenMs;

    long removedEntry = NEVER;

    long removedMs;

    long horizonMs = NEVER;

    long horizonEntry;

    KeyedRecord(ParsedRecord found, int key, long sealedMs, long writtenMs) {
        this.offset = found.offset();
        this.number = found.number();
        this.key = key;
        this.tombstone = KeyedBatches.isTombstone(found.number());
        this.timestampMs = found.timestampMs();
        this.sealedMs = sealedMs;
        this.writtenMs = writtenMs;
    }

    boolean isPresent() {
        return removedEntry == NEVER;
    }

    boolean is(ParsedRecord found) {
        return found.isAsSent() && found.number() == number && found.timestampMs() == timestampMs;
    }

    @Override
    public String toString() {
        return "%s %d of key %d at offset %d"
                .formatted(tombstone ? "tombstone" : "record", number, key, offset);
    }
}
