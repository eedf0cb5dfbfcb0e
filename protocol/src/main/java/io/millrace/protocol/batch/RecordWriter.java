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
     * @param capacityBytes the expected size of the batch with its header; the array grows if
     *     necessary
     */
    public RecordWriter(int capacityBytes) {
        array = new byte[Math.max(capacityBytes, BatchHeader.BYTES + MAX_VARINT_BYTES)];
    }

    /**
     * Returns the array with the records, which start at {@link BatchHeader#BYTES}. The array is
     * replaced when it grows.
     */
    public byte[] array() {
        return array;
    }

    /** Returns the end of the records in the array. */
    public int end() {
        return end;
    }

    /** Removes everything after an earlier end. */
    public void truncate(int newEnd) {
        end = newEnd;
    }

    /** Replaces the array, for example by one with the compressed records. */
    public void replace(byte[] newArray, int newEnd) {
        array = newArray;
        end = newEnd;
    }

    /**
     * Ensures capacity for a whole record and writes its first fields. The caller writes key, value
     * and headers next.
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
     * Writes a length and that number of bytes.
     *
     * @param length the number of bytes; -1 for null
     */
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

    /** Returns the number of bytes that {@link #writeVarint} writes. */
    public static int varintBytes(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        return (70 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
    }

    /** Returns the number of bytes that {@link #writeNullable} writes. */
    public static int nullableBytes(int length) {
        return varintBytes(length) + Math.max(0, length);
    }
}
