package io.millrace.protocol.batch;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Accesses the header of a Kafka RecordBatch of version 2 in place, without validation. Specified
 * in {@code docs/formats.md}.
 *
 * <p>{@code at} is the position of the batch's first byte.
 */
public final class BatchHeader {

    /** Size of the header, the minimum size of a batch. */
    public static final int BYTES = 61;

    public static final byte MAGIC = 2;

    public static final int COMPRESSION_MASK = 0b111;

    /** Attribute bit: the largest timestamp is the append time of all records. */
    public static final int LOG_APPEND_TIME = 1 << 3;

    public static final long NO_TIMESTAMP = -1;

    public static final int TRANSACTIONAL = 1 << 4;

    /** Attribute bit: the records are markers, not data. */
    public static final int CONTROL = 1 << 5;

    /** Attribute bit: the base timestamp is the delete horizon of tombstones. */
    public static final int DELETE_HORIZON = 1 << 6;

    /** Number of leading bytes that the length field does not count. */
    static final int LENGTH_OVERHEAD = 12;

    private static final int LENGTH_AT = 8;
    private static final int LEADER_EPOCH_AT = 12;
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

    /**
     * Returns the offset of the first record; undefined until a reader sets the offset in its copy.
     */
    public static long baseOffset(byte[] array, int at) {
        return (long) LONG.get(array, at);
    }

    /** Sets the offset of the first record, which the CRC does not cover. */
    public static void setBaseOffset(byte[] array, int at, long baseOffset) {
        LONG.set(array, at, baseOffset);
    }

    /**
     * Returns the size of the whole batch; negative or larger than an int if the length field is
     * wrong.
     */
    public static long sizeBytes(byte[] array, int at) {
        return (long) (int) INT.get(array, at + LENGTH_AT) + LENGTH_OVERHEAD;
    }

    /** Returns the leader epoch under which the batch was accepted, or -1. */
    public static int leaderEpoch(byte[] array, int at) {
        return (int) INT.get(array, at + LEADER_EPOCH_AT);
    }

    /** Sets the leader epoch, which the CRC does not cover. */
    public static void setLeaderEpoch(byte[] array, int at, int leaderEpoch) {
        INT.set(array, at + LEADER_EPOCH_AT, leaderEpoch);
    }

    public static byte magic(byte[] array, int at) {
        return array[at + MAGIC_AT];
    }

    public static int crc(byte[] array, int at) {
        return (int) INT.get(array, at + CRC_AT);
    }

    /**
     * Computes the CRC32C.
     *
     * @param sizeBytes the size of the whole batch, at least {@link #BYTES}
     */
    public static int computeCrc(byte[] array, int at, int sizeBytes) {
        CRC32C crc = new CRC32C();
        crc.update(array, at + ATTRIBUTES_AT, sizeBytes - ATTRIBUTES_AT);
        return (int) crc.getValue();
    }

    public static int attributes(byte[] array, int at) {
        return (short) SHORT.get(array, at + ATTRIBUTES_AT);
    }

    /** Returns the {@link CompressionCodec#id id} of the codec. */
    public static int compression(byte[] array, int at) {
        return attributes(array, at) & COMPRESSION_MASK;
    }

    public static boolean isLogAppendTime(byte[] array, int at) {
        return (attributes(array, at) & LOG_APPEND_TIME) != 0;
    }

    public static boolean isTransactional(byte[] array, int at) {
        return (attributes(array, at) & TRANSACTIONAL) != 0;
    }

    public static boolean isControl(byte[] array, int at) {
        return (attributes(array, at) & CONTROL) != 0;
    }

    /** Returns the offset of the last record relative to the first. */
    public static int lastOffsetDelta(byte[] array, int at) {
        return (int) INT.get(array, at + LAST_OFFSET_DELTA_AT);
    }

    public static int offsetCount(byte[] array, int at) {
        return lastOffsetDelta(array, at) + 1;
    }

    /** Returns the base of the records' relative timestamps, in milliseconds since 1970. */
    public static long baseTimestampMs(byte[] array, int at) {
        return (long) LONG.get(array, at + BASE_TIMESTAMP_AT);
    }

    /** Returns the largest timestamp in milliseconds since 1970, or {@link #NO_TIMESTAMP}. */
    public static long maxTimestampMs(byte[] array, int at) {
        return (long) LONG.get(array, at + MAX_TIMESTAMP_AT);
    }

    /** Returns the id of the idempotent producer, or -1. */
    public static long producerId(byte[] array, int at) {
        return (long) LONG.get(array, at + PRODUCER_ID_AT);
    }

    /** Returns the epoch of the idempotent producer, or -1. */
    public static short producerEpoch(byte[] array, int at) {
        return (short) SHORT.get(array, at + PRODUCER_EPOCH_AT);
    }

    /** Returns the sequence number of the first record, or -1 without an idempotent producer. */
    public static int baseSequence(byte[] array, int at) {
        return (int) INT.get(array, at + BASE_SEQUENCE_AT);
    }

    public static int recordCount(byte[] array, int at) {
        return (int) INT.get(array, at + RECORD_COUNT_AT);
    }

    /** Sets the append time, in milliseconds since 1970, of all records and updates the CRC. */
    public static void stampLogAppendTime(byte[] array, int at, long appendTimeMs) {
        SHORT.set(array, at + ATTRIBUTES_AT, (short) (attributes(array, at) | LOG_APPEND_TIME));
        LONG.set(array, at + MAX_TIMESTAMP_AT, appendTimeMs);
        setCrc(array, at, (int) sizeBytes(array, at));
    }

    /**
     * Writes a header before records that are in the array, and computes the CRC.
     *
     * @param sizeBytes the size of the whole batch
     */
    public static void write(byte[] array, int at, int sizeBytes, Fields fields) {
        setBaseOffset(array, at, 0);
        INT.set(array, at + LENGTH_AT, sizeBytes - LENGTH_OVERHEAD);
        setLeaderEpoch(array, at, -1);
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

    /** Sets producer id, epoch and sequence, and updates the CRC. */
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
     * The fields of a header that describe its records; producer id, epoch and sequence are -1
     * without an idempotent producer.
     */
    public record Fields(
            int attributes,
            int recordCount,
            long baseTimestampMs,
            long maxTimestampMs,
            long producerId,
            short producerEpoch,
            int baseSequence) {

        /** Returns the fields of a batch without an idempotent producer. */
        public static Fields anonymous(
                int attributes, int recordCount, long baseTimestampMs, long maxTimestampMs) {
            return new Fields(
                    attributes, recordCount, baseTimestampMs, maxTimestampMs, -1, (short) -1, -1);
        }

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
