package io.millrace.kafka.produce;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.CompressionCodec;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * The records for one partition in a Produce request, which alias the received bytes. Checks what
 * depends on the version of the request; the ingest node checks the batch. Pure.
 */
record ProducedRecords(ByteBuffer bytes) {

    private static final short FIRST_WITH_ZSTD = 7;

    /** The size of a header of any message format up to its magic. */
    private static final int MAGIC_END = 17;

    /** The smallest length field of the oldest message format. */
    private static final int MIN_LENGTH = 14;

    private static final int LENGTH_AT = 8;
    private static final int LENGTH_END = 12;
    private static final int MAGIC_AT = 16;
    private static final int ATTRIBUTES_AT = 21;
    private static final int PRODUCER_ID_AT = 43;
    private static final int PRODUCER_EPOCH_AT = 51;
    private static final int TRANSACTIONAL = BatchHeader.TRANSACTIONAL;

    static ProducedRecords of(@Nullable BaseRecords records) {
        return new ProducedRecords(
                records instanceof MemoryRecords memory ? memory.buffer() : ByteBuffer.allocate(0));
    }

    int sizeBytes() {
        return bytes.remaining();
    }

    private int at(int position) {
        return bytes.position() + position;
    }

    /**
     * Returns the code that Kafka gives to records that are not exactly one batch of magic 2; NONE
     * if they may be one.
     */
    Errors problem(short version) {
        if (sizeBytes() < MAGIC_END) {
            return Errors.INVALID_RECORD;
        }
        int length = bytes.getInt(at(LENGTH_AT));
        if (length < MIN_LENGTH) {
            return Errors.CORRUPT_MESSAGE;
        }
        byte magic = bytes.get(at(MAGIC_AT));
        if (magic < 0 || magic > BatchHeader.MAGIC) {
            return Errors.CORRUPT_MESSAGE;
        }
        if (magic < BatchHeader.MAGIC || length != sizeBytes() - LENGTH_END) {
            return Errors.INVALID_RECORD;
        }
        if (sizeBytes() < BatchHeader.BYTES) {
            return Errors.CORRUPT_MESSAGE;
        }
        int codec = attributes() & BatchHeader.COMPRESSION_MASK;
        return version < FIRST_WITH_ZSTD && codec == CompressionCodec.ZSTD.id()
                ? Errors.UNSUPPORTED_COMPRESSION_TYPE
                : Errors.NONE;
    }

    /** Returns whether the records are a batch with the attribute of a transaction. */
    boolean areTransactional() {
        return sizeBytes() >= BatchHeader.BYTES
                && bytes.get(at(MAGIC_AT)) == BatchHeader.MAGIC
                && (attributes() & TRANSACTIONAL) != 0;
    }

    private int attributes() {
        return bytes.getShort(at(ATTRIBUTES_AT));
    }

    /** Returns the id of the idempotent producer, or -1. Only without a {@link #problem}. */
    long producerId() {
        return bytes.getLong(at(PRODUCER_ID_AT));
    }

    /** Returns the epoch of the idempotent producer, or -1. Only without a {@link #problem}. */
    short producerEpoch() {
        return bytes.getShort(at(PRODUCER_EPOCH_AT));
    }
}
