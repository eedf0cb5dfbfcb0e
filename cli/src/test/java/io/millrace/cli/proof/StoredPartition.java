package io.millrace.cli.proof;

import io.millrace.client.ReadRecord;
import io.millrace.client.TopicPartition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A partition as a test wants it to be, and what is sent to it. */
final class StoredPartition {

    static final int PARTITION = 3;
    private static final long RUN = 77;
    private static final int PRODUCERS = 3;

    final Ledger ledger;
    Agreement agreement = new Agreement(PARTITION);
    final List<byte[]> stored = new ArrayList<>();
    private final Content.Keys keys;
    private final Content content;
    private final long start;
    private final long[] hashes = new long[PRODUCERS];

    StoredPartition() {
        this(0);
    }

    StoredPartition(long start) {
        this(start, Content.Keys.NONE);
    }

    StoredPartition(long start, Content.Keys keys) {
        this.start = start;
        this.keys = keys;
        this.content = new Content(RUN, 100, keys);
        this.ledger = new Ledger(PARTITION, PRODUCERS, start);
    }

    static Content content() {
        return new Content(RUN, 100, Content.Keys.NONE);
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
        return new Reading(role, new Content(RUN, 100, keys), ledger, agreement);
    }

    /** Reads all that is stored. Returns the first thing that is wrong. */
    @Nullable Violation read(Reading.Role role) {
        return read(role, start, Set.of());
    }

    /** Reads all that is stored, where the log begins later, or records of the middle are gone. */
    @Nullable Violation read(Reading.Role role, long logStart, Set<Long> gone) {
        Reading reading = reading(role);
        Violation trimmed = logStart > start ? reading.trimmed(logStart) : null;
        if (trimmed != null) {
            return trimmed;
        }
        for (long offset = logStart; offset < start + stored.size(); offset++) {
            byte[] value = stored.get((int) (offset - start));
            Violation wrong = gone.contains(offset) ? null : reading.read(stored(offset, value));
            if (wrong != null) {
                return wrong;
            }
        }
        Violation wrong = reading.end();
        return wrong == null && role == Reading.Role.WITNESS ? ledger.end() : wrong;
    }

    private ReadRecord stored(long offset, byte[] value) {
        if (keys.count() == 0 || value.length < Content.LEAST_BYTES) {
            return record(offset, value);
        }
        ByteBuffer bytes = ByteBuffer.wrap(value);
        byte[] key = content.keyOf(bytes.getInt(8), bytes.getLong(16));
        return new ReadRecord(
                new TopicPartition("t", PARTITION),
                offset,
                0,
                ByteBuffer.wrap(Objects.requireNonNull(key)),
                bytes,
                List.of());
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
