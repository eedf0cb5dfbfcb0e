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

/** Creates and reads batches with Kafka's own library. */
final class KafkaBatches {

    record Read(long offset, byte[] value) {}

    private KafkaBatches() {}

    /** Returns a batch without a producer id. */
    static byte[] batch(byte[]... values) {
        return bytes(MemoryRecords.withRecords(Compression.NONE, records(values)));
    }

    /** Returns a batch of an idempotent producer. */
    static byte[] idempotent(long producerId, int sequence, byte[]... values) {
        return bytes(
                MemoryRecords.withIdempotentRecords(
                        Compression.NONE, producerId, (short) 0, sequence, records(values)));
    }

    /** Reads the records of consecutive batches and verifies their checksums. */
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
            // No timestamp: a record of 1970 would be deleted by the next retention run.
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
