package io.millrace.cli.verify.proof;

import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.ReadRecord;
import io.millrace.client.record.RecordHeader;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A partition with arbitrary stored records, and the ledger of sent records. */
public final class StoredPartition {

    public static final int PARTITION = 3;
    private static final long RUN = 77;
    private static final int PRODUCERS = 3;
    public static final RecordContent.Times TIMES = new RecordContent.Times(1_000_000, false);

    public final AckLedger ledger;
    public ReaderConsistency agreement = new ReaderConsistency(PARTITION);
    public final List<byte[]> stored = new ArrayList<>();
    private final RecordContent.Keys keys;
    private final RecordContent.Times times;
    private final RecordContent content;
    private final long start;
    private final long[] hashes = new long[PRODUCERS];

    public StoredPartition() {
        this(0);
    }

    public StoredPartition(long start) {
        this(start, RecordContent.Keys.NONE);
    }

    public StoredPartition(long start, RecordContent.Keys keys) {
        this(start, keys, TIMES);
    }

    public StoredPartition(long start, RecordContent.Keys keys, RecordContent.Times times) {
        this.start = start;
        this.keys = keys;
        this.times = times;
        this.content = new RecordContent(RUN, 100, keys, times);
        this.ledger = new AckLedger(PARTITION, PRODUCERS, start);
    }

    public static RecordContent content() {
        return new RecordContent(RUN, 100, RecordContent.Keys.NONE, TIMES);
    }

    /** Sends a producer's next record. */
    public byte[] send(int producer) {
        long sequence = ledger.send(producer);
        byte[] record = content.make(producer, PARTITION, sequence, hashes[producer]);
        hashes[producer] = RecordContent.hashOf(record);
        return record;
    }

    /** Sends a producer's next record, which is stored and acknowledged. */
    public byte[] sendStored(int producer) {
        long sequence = ledger.sent(producer);
        byte[] record = send(producer);
        Violation wrong =
                reported(producer, sequence, new DeliveryOutcome.Stored(start + stored.size()));
        if (wrong != null) {
            throw new AssertionError(wrong);
        }
        stored.add(record);
        return record;
    }

    @Nullable
    public Violation reported(int producer, long sequence, DeliveryOutcome fate) {
        return ledger.reported(producer, sequence, fate);
    }

    public PartitionVerifier reading(PartitionVerifier.Role role) {
        return new PartitionVerifier(
                role, new RecordContent(RUN, 100, keys, times), ledger, agreement);
    }

    /** Reads all stored records. Returns the first violation, or null. */
    @Nullable
    public Violation read(PartitionVerifier.Role role) {
        return read(role, start, Set.of());
    }

    /** Reads all stored records, with a later log start or with offsets missing in between. */
    @Nullable
    public Violation read(PartitionVerifier.Role role, long logStart, Set<Long> gone) {
        PartitionVerifier reading = reading(role);
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
        return wrong == null && role == PartitionVerifier.Role.WITNESS ? ledger.end() : wrong;
    }

    private ReadRecord stored(long offset, byte[] value) {
        if (keys.count() == 0 || value.length < RecordContent.MIN_BYTES) {
            return record(offset, value);
        }
        ByteBuffer bytes = ByteBuffer.wrap(value);
        byte[] key = content.keyOf(bytes.getInt(8), bytes.getLong(16));
        return withKey(record(offset, value), Objects.requireNonNull(key));
    }

    private static ReadRecord withKey(ReadRecord record, byte[] key) {
        return new ReadRecord(
                record.partition(),
                record.offset(),
                record.timestampMs(),
                ByteBuffer.wrap(key),
                record.value(),
                record.headers());
    }

    /** Returns the record as sent: with the timestamp and the headers that belong to the value. */
    public static ReadRecord record(long offset, byte @Nullable [] value) {
        if (value == null || value.length < RecordContent.MIN_BYTES) {
            return record(offset, 0, value);
        }
        ByteBuffer bytes = ByteBuffer.wrap(value);
        long timestampMs = content().timestampMsOf(bytes.getInt(8), bytes.getLong(16));
        return record(offset, timestampMs, value);
    }

    public static ReadRecord record(long offset, long timestampMs, byte @Nullable [] value) {
        List<RecordHeader> headers = List.of();
        if (value != null && value.length >= RecordContent.MIN_BYTES) {
            ByteBuffer bytes = ByteBuffer.wrap(value);
            headers = content().headersOf(bytes.getInt(8), Math.max(0, bytes.getLong(16)));
        }
        return new ReadRecord(
                new TopicPartition("t", PARTITION),
                offset,
                timestampMs,
                null,
                value == null ? null : ByteBuffer.wrap(value),
                headers);
    }
}
