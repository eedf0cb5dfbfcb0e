package io.millrace.fetch;

import io.millrace.metadata.offset.OffsetResult.Found;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.batch.RecordScan;
import io.millrace.protocol.batch.SnappyBlocks;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.internals.BufferSupplier;

/**
 * Finds the first record of one batch at or after a time. Runs off the event loop, because
 * decompression may take long. Pure.
 *
 * @param minOffset the lowest offset of a match
 */
record TimestampScan(long timestampMs, long minOffset) {

    /** Limits CPU time, because compression can hide any number of bytes in few. */
    static final int MAX_BYTES = 64 << 20;

    /** Limits the blocks that the snappy decoder allocates. */
    private static final int MAX_BLOCK_BYTES = 32 << 20;

    /**
     * Returns the record. For a batch that cannot be decoded within the limits, returns the first
     * offset of the batch: no record at or after the time is before it.
     */
    Optional<Found> find(BatchRun batch) {
        byte[] bytes = batch.toByteArray();
        try {
            return find(bytes);
        } catch (IOException | RuntimeException undecodable) {
            // The library throws half a dozen types for malformed records.
            return Optional.of(
                    new Found(
                            Math.max(BatchHeader.baseOffset(bytes, 0), minOffset),
                            BatchHeader.maxTimestampMs(bytes, 0)));
        }
    }

    private Optional<Found> find(byte[] bytes) throws IOException {
        if (BatchHeader.compression(bytes, 0) == CompressionCodec.SNAPPY.id()
                && !SnappyBlocks.areWithin(
                        bytes, BatchHeader.BYTES, bytes.length, MAX_BLOCK_BYTES)) {
            throw new IOException("the blocks of the batch are too large");
        }
        DefaultRecordBatch batch =
                (DefaultRecordBatch)
                        MemoryRecords.readableRecords(ByteBuffer.wrap(bytes))
                                .batches()
                                .iterator()
                                .next();
        try (InputStream in = batch.recordInputStream(BufferSupplier.NO_CACHING)) {
            RecordScan records = new RecordScan(in, BatchHeader.recordCount(bytes, 0), MAX_BYTES);
            while (records.next()) {
                long timestamp =
                        BatchHeader.isLogAppendTime(bytes, 0)
                                ? BatchHeader.maxTimestampMs(bytes, 0)
                                : BatchHeader.baseTimestampMs(bytes, 0) + records.timestampDelta();
                long offset = BatchHeader.baseOffset(bytes, 0) + records.offsetDelta();
                if (timestamp >= timestampMs && offset >= minOffset) {
                    return Optional.of(new Found(offset, timestamp));
                }
            }
        }
        return Optional.empty();
    }
}
