package io.millrace.protocol.batch;

import java.util.Arrays;

/**
 * Writes records in Kafka's encoding to a growing array, after a gap for the batch header. Not
 * thread-safe.
 */
public final class RecordWriter {

    private static final int MAX_VARINT_BYTES = 10;

    private byte[] array;
    private int end = BatchHeader.BYTES;

    /**
     * @param capacityBytes the expected size of the batch with its header
     */
    public RecordWriter(int capacityBytes) {
        array = new byte[Math.max(capacityBytes, BatchHeader.BYTES + MAX_VARINT_BYTES)];
    }

    /**
     * Returns the array, with records from {@link BatchHeader#BYTES} on. Growth replaces the array.
     */
    public byte[] array() {
        return array;
    }

    public int end() {
        return end;
    }

    /** Removes everything after an earlier end. */
    public void truncate(int newEnd) {
        end = newEnd;
    }

    public void replace(byte[] newArray, int newEnd) {
        array = newArray;
        end = newEnd;
    }

    /**
     * Ensures capacity for a whole record and writes its first fields; key, value and headers
     * follow.
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

    /** Writes a zigzag varint. */
    public void writeVarint(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            array[end++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        array[end++] = (byte) rest;
    }

    /** Writes a length and that number of bytes; for null, the length is -1. */
    public void writeNullable(byte[] from, int at, int length) {
        writeVarint(length);
        if (length > 0) {
            System.arraycopy(from, at, array, end, length);
            end += length;
        }
    }

    /** Returns the size of the fields that {@link #startRecord} writes after the length. */
    public static int startBytes(long timestampDelta, int offsetDelta) {
        return 1 + varintBytes(timestampDelta) + varintBytes(offsetDelta);
    }

    public static int varintBytes(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        return (70 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
    }

    public static int nullableBytes(int length) {
        return varintBytes(length) + Math.max(0, length);
    }
}
