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
 * Checks that every record of a valid batch has a key, as compacted topics require, a valid
 * timestamp and the next offset. Decodes all records, therefore runs off the event loop. Pure; any
 * thread.
 */
public final class KeyValidator {

    private KeyValidator() {}

    /**
     * Returns NULL_KEY, or MALFORMED_BATCH if a record cannot be decoded, has an invalid timestamp,
     * or has an offset delta other than its position in the batch.
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
                        Optional<Problem> problem =
                                problemOf(records.next(), index, each.baseOffset());
                        if (problem.isPresent()) {
                            return problem;
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

    private static Optional<Problem> problemOf(Record record, int index, long baseOffset) {
        if (record.offset() - baseOffset != index) {
            return Optional.of(
                    new Problem(
                            Reason.MALFORMED_BATCH,
                            "Record %d of the batch has the offset delta %d; number the records 0, 1, 2, ..."
                                    .formatted(index, record.offset() - baseOffset)));
        }
        if (record.timestamp() < BatchHeader.NO_TIMESTAMP) {
            return Optional.of(
                    new Problem(
                            Reason.MALFORMED_BATCH,
                            "Record %d of the batch has the timestamp %d; set milliseconds since 1970, or -1 for none."
                                    .formatted(index, record.timestamp())));
        }
        return record.hasKey()
                ? Optional.empty()
                : Optional.of(
                        new Problem(
                                Reason.NULL_KEY,
                                "Record %d of the batch has no key, which a compacted topic needs; set one."
                                        .formatted(index)));
    }
}
