package io.millrace.kafka.world;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Batches as Kafka's library writes and reads them. */
public final class Batches {

    private Batches() {}

    public static MemoryRecords of(String... values) {
        return of(Compression.NONE, values);
    }

    public static MemoryRecords of(Compression codec, String... values) {
        return MemoryRecords.withRecords(codec, records(values));
    }

    public static MemoryRecords idempotent(
            long producerId, int epoch, int sequence, String... values) {
        return MemoryRecords.withIdempotentRecords(
                Compression.NONE, producerId, (short) epoch, sequence, records(values));
    }

    public static MemoryRecords transactional(long producerId, String... values) {
        return MemoryRecords.withTransactionalRecords(
                Compression.NONE, producerId, (short) 0, 0, records(values));
    }

    private static SimpleRecord[] records(String... values) {
        SimpleRecord[] records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] =
                    new SimpleRecord(1_000 + i, null, values[i].getBytes(StandardCharsets.UTF_8));
        }
        return records;
    }

    /** Returns the bytes of several batches, one after another. */
    public static MemoryRecords concat(MemoryRecords... batches) {
        int size = 0;
        for (MemoryRecords each : batches) {
            size += each.sizeInBytes();
        }
        ByteBuffer all = ByteBuffer.allocate(size);
        for (MemoryRecords each : batches) {
            all.put(each.buffer());
        }
        return MemoryRecords.readableRecords(all.flip());
    }

    /** Returns a batch with one byte changed. */
    public static MemoryRecords with(MemoryRecords batch, int position, int value) {
        ByteBuffer copy = ByteBuffer.allocate(batch.sizeInBytes()).put(batch.buffer()).flip();
        copy.put(position, (byte) value);
        return MemoryRecords.readableRecords(copy);
    }

    /** Returns the records as {@code offset:value}. */
    public static List<String> read(BaseRecords records) {
        List<String> read = new ArrayList<>();
        for (Record record : ((MemoryRecords) records).records()) {
            record.ensureValid();
            read.add(record.offset() + ":" + StandardCharsets.UTF_8.decode(record.value()));
        }
        return read;
    }
}
