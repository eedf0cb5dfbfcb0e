package io.millrace.cli.proof;

import io.millrace.client.ReadRecord;
import io.millrace.client.TopicPartition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A partition as a test wants it to be, and what is sent to it. */
final class StoredPartition {

    static final int PARTITION = 3;
    private static final long RUN = 77;
    private static final int PRODUCERS = 3;

    final Ledger ledger;
    final Agreement agreement = new Agreement(PARTITION);
    final List<byte[]> stored = new ArrayList<>();
    private final Content content = new Content(RUN, 100);
    private final long start;
    private final long[] hashes = new long[PRODUCERS];

    StoredPartition() {
        this(0);
    }

    StoredPartition(long start) {
        this.start = start;
        this.ledger = new Ledger(PARTITION, PRODUCERS, start);
    }

    static Content content() {
        return new Content(RUN, 100);
    }

    /** A producer sends its next record. */
    byte[] send(int producer) {
        long sequence = ledger.send(producer);
        byte[] record = content.make(producer, PARTITION, sequence, hashes[producer]);
        hashes[producer] = Content.hashOf(record);
        return record;
    }

    /** A producer sends its next record, which is stored and acknowledged. */
    byte[] sendStored(int producer) {
        long sequence = ledger.sent(producer);
        byte[] record = send(producer);
        Violation wrong = told(producer, sequence, new Fate.Stored(start + stored.size()));
        if (wrong != null) {
            throw new AssertionError(wrong);
        }
        stored.add(record);
        return record;
    }

    @Nullable Violation told(int producer, long sequence, Fate fate) {
        return ledger.told(producer, sequence, fate);
    }

    Reading reading(Reading.Role role) {
        return new Reading(role, content(), ledger, agreement);
    }

    /** Reads all that is stored. Returns the first thing that is wrong. */
    @Nullable Violation read(Reading.Role role) {
        Reading reading = reading(role);
        for (int i = 0; i < stored.size(); i++) {
            Violation wrong = reading.read(record(start + i, stored.get(i)));
            if (wrong != null) {
                return wrong;
            }
        }
        Violation wrong = reading.end();
        return wrong == null && role == Reading.Role.WITNESS ? ledger.end() : wrong;
    }

    static ReadRecord record(long offset, byte @Nullable [] value) {
        return record(offset, 0, value);
    }

    static ReadRecord record(long offset, long timestampMs, byte @Nullable [] value) {
        return new ReadRecord(
                new TopicPartition("t", PARTITION),
                offset,
                timestampMs,
                null,
                value == null ? null : ByteBuffer.wrap(value),
                List.of());
    }
}
