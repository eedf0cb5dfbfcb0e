package io.millrace.ingest.pack;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.batch.RecordScan;
import io.millrace.protocol.batch.SnappyBlocks;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.Slice;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/**
 * Checks that every record of a valid batch has a key, as compacted topics require, a valid
 * timestamp and the next offset. Decompresses all records up to a limit, therefore runs off the
 * event loop. Pure; any thread.
 */
public final class RecordValidator {

    private static final int MAX_RATIO = 64;
    private static final long MIN_LIMIT_BYTES = 1 << 20;

    /** Limits the blocks that the snappy decoder allocates. */
    private static final int MAX_BLOCK_BYTES = 32 << 20;

    private RecordValidator() {}

    /**
     * Returns the first problem:
     *
     * <ul>
     *   <li>NULL_KEY
     *   <li>MALFORMED_BATCH if a record cannot be decoded, has an invalid timestamp, or an offset
     *       delta other than its position in the batch
     *   <li>TOO_LARGE if the records decompress to more than 1 MiB plus 64 times the size of the
     *       batch: a few bytes could otherwise occupy a processor for minutes. Or if a record is
     *       larger than a compaction decodes
     * </ul>
     */
    public static Optional<Problem> problemOf(Slice batch) {
        ByteBuffer bytes = ByteBuffer.wrap(batch.array(), batch.offset(), batch.length()).slice();
        int index = 0;
        try {
            checkBlocks(batch);
            DefaultRecordBatch decoded =
                    (DefaultRecordBatch)
                            MemoryRecords.readableRecords(bytes).batches().iterator().next();
            try (InputStream in = decoded.recordInputStream(BufferSupplier.NO_CACHING)) {
                RecordScan records =
                        new RecordScan(
                                in,
                                BatchHeader.recordCount(batch.array(), batch.offset()),
                                MIN_LIMIT_BYTES + (long) MAX_RATIO * batch.length());
                for (; records.next(); index++) {
                    Optional<Problem> problem = problemOf(batch, records, index);
                    if (problem.isPresent()) {
                        return problem;
                    }
                }
            }
            return Optional.empty();
        } catch (RecordScan.LimitExceededException tooLarge) {
            return Optional.of(
                    new Problem(
                            Reason.TOO_LARGE,
                            "The batch of %d bytes cannot be checked for keys: %s. Send smaller batches."
                                    .formatted(batch.length(), tooLarge.getMessage())));
        } catch (IOException | RuntimeException undecodable) {
            // The library throws half a dozen types for malformed records.
            return Optional.of(
                    new Problem(
                            Reason.MALFORMED_BATCH,
                            "Record %d of the batch cannot be decoded: %s."
                                    .formatted(index, undecodable.getMessage())));
        }
    }

    private static void checkBlocks(Slice batch) throws IOException {
        int compression = BatchHeader.compression(batch.array(), batch.offset());
        int end = batch.offset() + batch.length();
        if (compression == CompressionCodec.SNAPPY.id()
                && !SnappyBlocks.areWithin(
                        batch.array(), batch.offset() + BatchHeader.BYTES, end, MAX_BLOCK_BYTES)) {
            throw new IOException("the sizes of the snappy blocks are wrong or above 32 MiB");
        }
    }

    private static Optional<Problem> problemOf(Slice batch, RecordScan record, int index) {
        if (record.sizeBytes() > RecordScan.MAX_RECORD_BYTES) {
            return Optional.of(
                    new Problem(
                            Reason.TOO_LARGE,
                            "Record %d of the batch has %d bytes, more than the %d of a compacted topic. Send smaller records."
                                    .formatted(
                                            index,
                                            record.sizeBytes(),
                                            RecordScan.MAX_RECORD_BYTES)));
        }
        if (record.offsetDelta() != index) {
            return Optional.of(
                    new Problem(
                            Reason.MALFORMED_BATCH,
                            "Record %d of the batch has the offset delta %d; number the records 0, 1, 2, ..."
                                    .formatted(index, record.offsetDelta())));
        }
        long timestamp =
                BatchHeader.baseTimestampMs(batch.array(), batch.offset())
                        + record.timestampDelta();
        if (timestamp < BatchHeader.NO_TIMESTAMP) {
            return Optional.of(
                    new Problem(
                            Reason.MALFORMED_BATCH,
                            "Record %d of the batch has the timestamp %d; set milliseconds since 1970, or -1 for none."
                                    .formatted(index, timestamp)));
        }
        return record.hasKey()
                ? Optional.empty()
                : Optional.of(
                        new Problem(
                                Reason.NULL_KEY,
                                "Record %d of the batch has no key, which a compacted topic needs; set one."
                                        .formatted(index),
                                Map.of("record", Integer.toString(index))));
    }
}
