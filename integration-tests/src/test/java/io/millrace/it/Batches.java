package io.millrace.it;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Batches as Kafka's own library makes and reads them. */
final class Batches {

    /** A record that was read. */
    record Read(long offset, byte[] value) {}

    private Batches() {}

    /** A batch without a producer id. */
    static byte[] batch(byte[]... values) {
        return bytes(MemoryRecords.withRecords(Compression.NONE, records(values)));
    }

    /** A batch of an idempotent producer. */
    static byte[] idempotent(long producerId, int sequence, byte[]... values) {
        return bytes(
                MemoryRecords.withIdempotentRecords(
                        Compression.NONE, producerId, (short) 0, sequence, records(values)));
    }

    /** The records in batches that lie one behind the other; their checksums are checked. */
    static List<Read> read(ByteString batches) {
        List<Read> all = new ArrayList<>();
        for (RecordBatch batch :
                MemoryRecords.readableRecords(ByteBuffer.wrap(batches.toByteArray())).batches()) {
            batch.ensureValid();
            for (Record record : batch) {
                byte[] value = new byte[record.valueSize()];
                record.value().get(value);
                all.add(new Read(record.offset(), value));
            }
        }
        return all;
    }

    static ByteString wrap(byte[] bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    private static SimpleRecord[] records(byte[]... values) {
        SimpleRecord[] records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            // As old as its block: what says that it is of 1970 goes with the next round of
            // retention.
            records[i] = new SimpleRecord(RecordBatch.NO_TIMESTAMP, null, values[i]);
        }
        return records;
    }

    private static byte[] bytes(MemoryRecords records) {
        byte[] bytes = new byte[records.sizeInBytes()];
        records.buffer().get(bytes);
        return bytes;
    }
}
