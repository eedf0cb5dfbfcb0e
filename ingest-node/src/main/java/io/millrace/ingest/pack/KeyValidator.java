package io.millrace.ingest.pack;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.Slice;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.CloseableIterator;

/**
 * Checks that every record of a valid batch has a key, as compacted topics require, and a valid
 * timestamp. Decodes all records, therefore runs off the event loop. Pure; any thread.
 */
public final class KeyValidator {

    private KeyValidator() {}

    /**
     * Returns NULL_KEY, or MALFORMED_BATCH if a record cannot be decoded or has an invalid
     * timestamp.
     */
    public static Optional<Problem> problemOf(Slice batch) {
        ByteBuffer bytes = ByteBuffer.wrap(batch.array(), batch.offset(), batch.length()).slice();
        int index = 0;
        // Keys and values are skipped, not read: a compressed record may claim any size.
        try {
            for (MutableRecordBatch each : MemoryRecords.readableRecords(bytes).batches()) {
                try (CloseableIterator<Record> records =
                        ((DefaultRecordBatch) each)
                                .skipKeyValueIterator(BufferSupplier.NO_CACHING)) {
                    for (; records.hasNext(); index++) {
                        Record record = records.next();
                        if (record.timestamp() < BatchHeader.NO_TIMESTAMP) {
                            return Optional.of(
                                    new Problem(
                                            Reason.MALFORMED_BATCH,
                                            "Record %d of the batch has the timestamp %d; set milliseconds since 1970, or -1 for none."
                                                    .formatted(index, record.timestamp())));
                        }
                        if (!record.hasKey()) {
                            return Optional.of(
                                    new Problem(
                                            Reason.NULL_KEY,
                                            "Record %d of the batch has no key, which a compacted topic needs; set one."
                                                    .formatted(index)));
                        }
                    }
                }
            }
            return Optional.empty();
        } catch (RuntimeException undecodable) {
            // The library throws half a dozen types for malformed records.
            return Optional.of(
                    new Problem(
                            Reason.MALFORMED_BATCH,
                            "Record %d of the batch cannot be decoded: %s."
                                    .formatted(index, undecodable.getMessage())));
        }
    }
}
