package io.millrace.protocol.batch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The header of a Kafka RecordBatch of version 2, read and written in place: each method takes the
 * array and the position of the batch's first byte. {@code docs/formats.md} is the specification.
 *
 * <p>Nothing here looks whether the bytes make sense: {@link BatchValidator} does, once, at the
 * door.
 */
public final class BatchHeader {

    /** Bytes of the header, which is the size of the smallest thing that may be a batch. */
    public static final int BYTES = 61;

    /** The one version of the format that there is here. */
    public static final byte MAGIC = 2;

    /** Bits of the attributes that hold the {@link #compression}. */
    public static final int COMPRESSION_MASK = 0b111;

    /** Bit of the attributes: the largest timestamp is the time of appending, for all records. */
    public static final int LOG_APPEND_TIME = 1 << 3;

    /** Instead of a time, where records have none. */
    public static final long NO_TIMESTAMP = -1;

    /** Bit of the attributes: the batch belongs to a transaction. */
    public static final int TRANSACTIONAL = 1 << 4;

    /** Bit of the attributes: the records are markers, not data. */
    public static final int CONTROL = 1 << 5;

    /** Bit of the attributes: the base timestamp is the time when tombstones may go. */
    public static final int DELETE_HORIZON = 1 << 6;

    /** Bytes before those that the length field counts. */
    static final int LENGTH_OVERHEAD = 12;

    private static final int LENGTH_AT = 8;
    private static final int MAGIC_AT = 16;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int LAST_OFFSET_DELTA_AT = 23;
    private static final int BASE_TIMESTAMP_AT = 27;
    private static final int MAX_TIMESTAMP_AT = 35;
    private static final int PRODUCER_ID_AT = 43;
    private static final int PRODUCER_EPOCH_AT = 51;
    private static final int BASE_SEQUENCE_AT = 53;
    private static final int RECORD_COUNT_AT = 57;

    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private BatchHeader() {}

    /** Offset of the first record; meaningless until a reader's copy is given one. */
    public static long baseOffset(byte[] array, int at) {
        return (long) LONG.get(array, at);
    }

    /** Sets the offset of the first record. The CRC does not cover it. */
    public static void setBaseOffset(byte[] array, int at, long baseOffset) {
        LONG.set(array, at, baseOffset);
    }

    /**
     * Bytes of the whole batch, as its length field says: whatever 32 bits may be, and so possibly
     * negative or beyond what fits an int, in a batch that was not checked.
     */
    public static long sizeBytes(byte[] array, int at) {
        return (long) (int) INT.get(array, at + LENGTH_AT) + LENGTH_OVERHEAD;
    }

    /** Version of the format. */
    public static byte magic(byte[] array, int at) {
        return array[at + MAGIC_AT];
    }

    /** The CRC32C that is written on the batch. */
    public static int crc(byte[] array, int at) {
        return (int) INT.get(array, at + CRC_AT);
    }

    /**
     * The CRC32C of the bytes that it covers.
     *
     * @param sizeBytes of the whole batch, at least {@link #BYTES}
     */
    public static int computeCrc(byte[] array, int at, int sizeBytes) {
        CRC32C crc = new CRC32C();
        crc.update(array, at + ATTRIBUTES_AT, sizeBytes - ATTRIBUTES_AT);
        return (int) crc.getValue();
    }

    /** All attributes, as the bits named above. */
    public static int attributes(byte[] array, int at) {
        return (short) SHORT.get(array, at + ATTRIBUTES_AT);
    }

    /** The {@link CompressionCodec#id id} of the compression. */
    public static int compression(byte[] array, int at) {
        return attributes(array, at) & COMPRESSION_MASK;
    }

    /** Whether {@link #maxTimestampMs} is the time of appending, for all records. */
    public static boolean isLogAppendTime(byte[] array, int at) {
        return (attributes(array, at) & LOG_APPEND_TIME) != 0;
    }

    /** Whether the batch belongs to a transaction. */
    public static boolean isTransactional(byte[] array, int at) {
        return (attributes(array, at) & TRANSACTIONAL) != 0;
    }

    /** Whether the records are markers, not data. */
    public static boolean isControl(byte[] array, int at) {
        return (attributes(array, at) & CONTROL) != 0;
    }

    /** Offset of the last record, less that of the first. */
    public static int lastOffsetDelta(byte[] array, int at) {
        return (int) INT.get(array, at + LAST_OFFSET_DELTA_AT);
    }

    /** Number of offsets that the batch takes. */
    public static int offsetCount(byte[] array, int at) {
        return lastOffsetDelta(array, at) + 1;
    }

    /** Timestamp to which those of the records are relative, in milliseconds since 1970. */
    public static long baseTimestampMs(byte[] array, int at) {
        return (long) LONG.get(array, at + BASE_TIMESTAMP_AT);
    }

    /** Largest timestamp of the records, in milliseconds since 1970, or {@link #NO_TIMESTAMP}. */
    public static long maxTimestampMs(byte[] array, int at) {
        return (long) LONG.get(array, at + MAX_TIMESTAMP_AT);
    }

    /** Id of the idempotent producer; -1 if the producer is none. */
    public static long producerId(byte[] array, int at) {
        return (long) LONG.get(array, at + PRODUCER_ID_AT);
    }

    /** Epoch of the idempotent producer; -1 if the producer is none. */
    public static short producerEpoch(byte[] array, int at) {
        return (short) SHORT.get(array, at + PRODUCER_EPOCH_AT);
    }

    /** Sequence number of the first record; -1 if the producer is not idempotent. */
    public static int baseSequence(byte[] array, int at) {
        return (int) INT.get(array, at + BASE_SEQUENCE_AT);
    }

    /** Number of records. */
    public static int recordCount(byte[] array, int at) {
        return (int) INT.get(array, at + RECORD_COUNT_AT);
    }

    /**
     * Gives all records of a checked batch the time of appending, and computes the CRC anew.
     *
     * @param appendTimeMs milliseconds since 1970
     */
    public static void stampLogAppendTime(byte[] array, int at, long appendTimeMs) {
        SHORT.set(array, at + ATTRIBUTES_AT, (short) (attributes(array, at) | LOG_APPEND_TIME));
        LONG.set(array, at + MAX_TIMESTAMP_AT, appendTimeMs);
        setCrc(array, at, (int) sizeBytes(array, at));
    }

    /**
     * Writes a header before records that stand behind it already, and computes the CRC.
     *
     * @param sizeBytes of the whole batch, header and records
     */
    public static void write(byte[] array, int at, int sizeBytes, Fields fields) {
        setBaseOffset(array, at, 0);
        INT.set(array, at + LENGTH_AT, sizeBytes - LENGTH_OVERHEAD);
        INT.set(array, at + LENGTH_OVERHEAD, -1);
        array[at + MAGIC_AT] = MAGIC;
        SHORT.set(array, at + ATTRIBUTES_AT, (short) fields.attributes());
        INT.set(array, at + LAST_OFFSET_DELTA_AT, fields.recordCount() - 1);
        LONG.set(array, at + BASE_TIMESTAMP_AT, fields.baseTimestampMs());
        LONG.set(array, at + MAX_TIMESTAMP_AT, fields.maxTimestampMs());
        LONG.set(array, at + PRODUCER_ID_AT, fields.producerId());
        SHORT.set(array, at + PRODUCER_EPOCH_AT, fields.producerEpoch());
        INT.set(array, at + BASE_SEQUENCE_AT, fields.baseSequence());
        INT.set(array, at + RECORD_COUNT_AT, fields.recordCount());
        setCrc(array, at, sizeBytes);
    }

    /** Sets producer, epoch and sequence, and computes the CRC anew. */
    public static void stampProducer(
            byte[] array, int at, long producerId, short producerEpoch, int baseSequence) {
        LONG.set(array, at + PRODUCER_ID_AT, producerId);
        SHORT.set(array, at + PRODUCER_EPOCH_AT, producerEpoch);
        INT.set(array, at + BASE_SEQUENCE_AT, baseSequence);
        setCrc(array, at, (int) sizeBytes(array, at));
    }

    private static void setCrc(byte[] array, int at, int sizeBytes) {
        INT.set(array, at + CRC_AT, computeCrc(array, at, sizeBytes));
    }

    /**
     * What a header says of its records.
     *
     * @param attributes as the bits named above
     * @param producerId -1, with epoch and sequence -1, if the producer is not idempotent
     */
    public record Fields(
            int attributes,
            int recordCount,
            long baseTimestampMs,
            long maxTimestampMs,
            long producerId,
            short producerEpoch,
            int baseSequence) {

        /** Those of a batch of no idempotent producer. */
        public static Fields anonymous(
                int attributes, int recordCount, long baseTimestampMs, long maxTimestampMs) {
            return new Fields(
                    attributes, recordCount, baseTimestampMs, maxTimestampMs, -1, (short) -1, -1);
        }

        /** Those that stand in a header. */
        public static Fields of(byte[] array, int at) {
            return new Fields(
                    BatchHeader.attributes(array, at),
                    BatchHeader.recordCount(array, at),
                    BatchHeader.baseTimestampMs(array, at),
                    BatchHeader.maxTimestampMs(array, at),
                    BatchHeader.producerId(array, at),
                    BatchHeader.producerEpoch(array, at),
                    BatchHeader.baseSequence(array, at));
        }

        /** The same with other attributes. */
        public Fields withAttributes(int others) {
            return new Fields(
                    others,
                    recordCount,
                    baseTimestampMs,
                    maxTimestampMs,
                    producerId,
                    producerEpoch,
                    baseSequence);
        }
    }
}
