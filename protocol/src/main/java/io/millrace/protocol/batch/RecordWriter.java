package io.millrace.protocol.batch;

import java.util.Arrays;

/**
 * A growing array of records in Kafka's encoding, with room for a batch header before them. Not
 * thread-safe.
 */
public final class RecordWriter {

    private static final int MAX_VARINT_BYTES = 10;

    private byte[] array;
    private int end = BatchHeader.BYTES;

    /**
     * @param capacityBytes the expected size of the batch, header included; the array grows past it
     */
    public RecordWriter(int capacityBytes) {
        array = new byte[Math.max(capacityBytes, BatchHeader.BYTES + MAX_VARINT_BYTES)];
    }

    /** The records, after {@link BatchHeader#BYTES} bytes of room. Replaced when it grows. */
    public byte[] array() {
        return array;
    }

    /** The end of the records in the array. */
    public int end() {
        return end;
    }

    /** Drops everything after an earlier end. */
    public void truncate(int newEnd) {
        end = newEnd;
    }

    /** Replaces the array, as by one with the compressed records. */
    public void replace(byte[] newArray, int newEnd) {
        array = newArray;
        end = newEnd;
    }

    /**
     * Makes room for a whole record and writes its first fields. Key, value and headers follow.
     *
     * @param bodyBytes the size of the record without its length field
     */
    public void startRecord(int bodyBytes, long timestampDelta, int offsetDelta) {
        int needed = end + bodyBytes + MAX_VARINT_BYTES;
        if (needed > array.length) {
            array = Arrays.copyOf(array, Math.max(needed, 2 * array.length));
        }
        writeVarint(bodyBytes);
        array[end++] = 0;
        writeVarint(timestampDelta);
        writeVarint(offsetDelta);
    }

    /** Writes a number as a zigzag varint. */
    public void writeVarint(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            array[end++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        array[end++] = (byte) rest;
    }

    /**
     * Writes a length and as many bytes.
     *
     * @param length -1 for null
     */
    public void writeNullable(byte[] from, int at, int length) {
        writeVarint(length);
        if (length > 0) {
            System.arraycopy(from, at, array, end, length);
            end += length;
        }
    }

    /** The bytes of the fields that {@link #startRecord} writes after the length. */
    public static int startBytes(long timestampDelta, int offsetDelta) {
        return 1 + varintBytes(timestampDelta) + varintBytes(offsetDelta);
    }

    /** The bytes that {@link #writeVarint} writes. */
    public static int varintBytes(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        return (70 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
    }

    /** The bytes that {@link #writeNullable} writes. */
    public static int nullableBytes(int length) {
        return varintBytes(length) + Math.max(0, length);
    }
}
