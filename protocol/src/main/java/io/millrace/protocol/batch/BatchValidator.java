package io.millrace.protocol.batch;

import static io.millrace.protocol.batch.BatchHeader.COMPRESSION_MASK;
import static io.millrace.protocol.batch.BatchHeader.LENGTH_OVERHEAD;
import static io.millrace.protocol.batch.BatchHeader.LOG_APPEND_TIME;

import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;

/**
 * Validates that a client's bytes are exactly one batch that may be stored, without decoding
 * records. Pure.
 *
 * <p>Two header fields must agree on the number of records. For uncompressed records, their size
 * limits the number too.
 */
public final class BatchValidator {

    /** Limit of the ids that a server allocates. */
    public static final long MAX_PRODUCER_ID = (1L << 62) - 1;

    private static final int HIGHEST_COMPRESSION = 4;
    private static final int KNOWN_ATTRIBUTES = 0b111_1111;

    /** Length, attributes, two deltas, the lengths of key and value, number of headers. */
    private static final int MIN_RECORD_BYTES = 7;

    private BatchValidator() {}

    /**
     * Validates the bytes from {@code at} on.
     *
     * @param nowMs the node's clock, in milliseconds since 1970
     */
    public static BatchVerdict check(
            byte[] array, int at, int sizeBytes, BatchLimits limits, long nowMs) {
        BatchVerdict frame = checkFrame(array, at, sizeBytes, limits);
        if (frame != BatchVerdict.ACCEPTED) {
            return frame;
        }
        BatchVerdict attributes = checkAttributes(BatchHeader.attributes(array, at));
        if (attributes != BatchVerdict.ACCEPTED) {
            return attributes;
        }
        BatchVerdict count = checkCount(array, at, sizeBytes);
        if (count != BatchVerdict.ACCEPTED) {
            return count;
        }
        BatchVerdict sequence = checkSequence(array, at);
        return sequence != BatchVerdict.ACCEPTED
                ? sequence
                : checkTimestamp(array, at, limits, nowMs);
    }

    private static BatchVerdict checkFrame(
            byte[] array, int at, int sizeBytes, BatchLimits limits) {
        if (sizeBytes < BatchHeader.BYTES) {
            return rejected(
                    Reason.MALFORMED_BATCH,
                    "The header of a batch has %d bytes, but only %d bytes were received; send one whole RecordBatch."
                            .formatted(BatchHeader.BYTES, sizeBytes));
        }
        // Checked before the length, because older versions count the length differently.
        if (BatchHeader.magic(array, at) != BatchHeader.MAGIC) {
            return rejected(
                    Reason.UNSUPPORTED_BATCH,
                    "The batch has magic %d; send a RecordBatch of magic 2."
                            .formatted(BatchHeader.magic(array, at)));
        }
        if (BatchHeader.sizeBytes(array, at) != sizeBytes) {
            return rejected(
                    Reason.MALFORMED_BATCH,
                    "The batch's length field says that %d bytes follow, but %d bytes were received; send exactly one whole RecordBatch."
                            .formatted(
                                    BatchHeader.sizeBytes(array, at) - LENGTH_OVERHEAD,
                                    sizeBytes - LENGTH_OVERHEAD));
        }
        if (sizeBytes > limits.maxBytes()) {
            return rejected(
                    Reason.TOO_LARGE,
                    "The batch has %d bytes; the topic's max.message.bytes allows %d: send smaller batches or raise the setting."
                            .formatted(sizeBytes, limits.maxBytes()));
        }
        int crc = BatchHeader.computeCrc(array, at, sizeBytes);
        if (BatchHeader.crc(array, at) != crc) {
            return rejected(
                    Reason.CHECKSUM_MISMATCH,
                    "The batch's CRC32C is %08x, but its bytes have %08x, so they were damaged in transit; send the batch again."
                            .formatted(BatchHeader.crc(array, at), crc));
        }
        return BatchVerdict.ACCEPTED;
    }

    private static BatchVerdict checkAttributes(int attributes) {
        if ((attributes & BatchHeader.CONTROL) != 0) {
            return rejected(
                    Reason.CONTROL_BATCH,
                    "Control batches can only be written by the server; send data batches.");
        }
        if ((attributes & BatchHeader.TRANSACTIONAL) != 0) {
            return rejected(
                    Reason.UNSUPPORTED_BATCH,
                    "Transactions are not supported; send batches without the transactional attribute.");
        }
        if ((attributes & COMPRESSION_MASK) > HIGHEST_COMPRESSION) {
            return rejected(
                    Reason.UNSUPPORTED_BATCH,
                    "Compression %d is unknown; use none, gzip, snappy, lz4 or zstd (0 to 4)."
                            .formatted(attributes & COMPRESSION_MASK));
        }
        if ((attributes & LOG_APPEND_TIME) != 0) {
            return rejected(
                    Reason.UNSUPPORTED_BATCH,
                    "LogAppendTime can only be set by the server; send batches with CreateTime.");
        }
        if ((attributes & ~KNOWN_ATTRIBUTES) != 0
                || (attributes & BatchHeader.DELETE_HORIZON) != 0) {
            return rejected(
                    Reason.UNSUPPORTED_BATCH,
                    "The attributes %04x have bits that a producer may not set."
                            .formatted(attributes & 0xffff));
        }
        return BatchVerdict.ACCEPTED;
    }

    private static BatchVerdict checkCount(byte[] array, int at, int sizeBytes) {
        int count = BatchHeader.recordCount(array, at);
        int lastOffsetDelta = BatchHeader.lastOffsetDelta(array, at);
        if (count < 1 || lastOffsetDelta != count - 1) {
            return rejected(
                    Reason.RECORD_COUNT_MISMATCH,
                    "The batch has a record count of %d and a last offset delta of %d; it must have at least one record, and the delta must be the count minus 1."
                            .formatted(count, lastOffsetDelta));
        }
        int recordBytes = sizeBytes - BatchHeader.BYTES;
        if (BatchHeader.compression(array, at) == 0
                && (long) count * MIN_RECORD_BYTES > recordBytes) {
            return rejected(
                    Reason.RECORD_COUNT_MISMATCH,
                    "The batch has a record count of %d, which does not fit its %d bytes."
                            .formatted(count, recordBytes));
        }
        return BatchVerdict.ACCEPTED;
    }

    private static BatchVerdict checkSequence(byte[] array, int at) {
        long id = BatchHeader.producerId(array, at);
        short epoch = BatchHeader.producerEpoch(array, at);
        int sequence = BatchHeader.baseSequence(array, at);
        boolean allSet = id >= 0 && id <= MAX_PRODUCER_ID && epoch >= 0 && sequence >= 0;
        boolean noneSet = id == -1 && epoch == -1 && sequence == -1;
        if (allSet || noneSet) {
            return BatchVerdict.ACCEPTED;
        }
        return rejected(
                Reason.INVALID_SEQUENCE,
                "The batch has producer id %d, epoch %d and base sequence %d; either all three must be -1, or none may be negative and the id at most %d."
                        .formatted(id, epoch, sequence, MAX_PRODUCER_ID));
    }

    private static BatchVerdict checkTimestamp(
            byte[] array, int at, BatchLimits limits, long nowMs) {
        // The base is the first record's timestamp; checking both detects a false maximum.
        long largest = BatchHeader.maxTimestampMs(array, at);
        long first = BatchHeader.baseTimestampMs(array, at);
        if (Math.min(largest, first) < BatchHeader.NO_TIMESTAMP) {
            return rejected(
                    Reason.MALFORMED_BATCH,
                    "The batch's first timestamp is %d and its largest timestamp is %d; set milliseconds since 1970, or -1 for none."
                            .formatted(first, largest));
        }
        long latest = Math.max(largest, first);
        if (latest <= nowMs || latest - nowMs <= limits.timestampAheadMaxMs()) {
            return BatchVerdict.ACCEPTED;
        }
        return rejected(
                Reason.TIMESTAMP_TOO_FAR_AHEAD,
                "The batch's largest timestamp is %d, %d ms ahead of the node's clock; the topic's message.timestamp.after.max.ms allows %d: check the producer's clock."
                        .formatted(latest, latest - nowMs, limits.timestampAheadMaxMs()));
    }

    private static BatchVerdict rejected(Reason reason, String message) {
        return new BatchVerdict.Rejected(new Problem(reason, message));
    }
}
