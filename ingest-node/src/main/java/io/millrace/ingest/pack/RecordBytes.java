package io.millrace.ingest.pack;

import io.millrace.protocol.batch.BatchHeader;
import java.util.Arrays;

/**
 * A growing array of records in Kafka's encoding, with room for a batch header before them. Not
 * thread-safe.
 */
final class RecordBytes {

    private static final int FIRST_BYTES = 4096;
    private static final int LARGEST_VARINT_BYTES = 10;

    private byte[] array = new byte[FIRST_BYTES];
    private int end = BatchHeader.BYTES;

    byte[] array() {
        return array;
    }

    /** Where the records end in the array; they begin behind the room for the header. */
    int end() {
        return end;
    }

    /** Forgets what lies behind. */
    void cutOff(int newEnd) {
        end = newEnd;
    }

    /** Makes room, so that the writes of so many bytes and one more varint need not look. */
    void ensure(int bytes) {
        int needed = end + bytes + LARGEST_VARINT_BYTES;
        if (needed > array.length) {
            array = Arrays.copyOf(array, Math.max(needed, 2 * array.length));
        }
    }

    void writeByte(int value) {
        array[end++] = (byte) value;
    }

    void writeVarint(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        while ((zigzag & ~0x7fL) != 0) {
            array[end++] = (byte) ((zigzag & 0x7f) | 0x80);
            zigzag >>>= 7;
        }
        array[end++] = (byte) zigzag;
    }

    void writeBytes(byte[] from, int at, int length) {
        System.arraycopy(from, at, array, end, length);
        end += length;
    }

    void writeNullable(byte[] from, int at, int length) {
        writeVarint(length);
        if (length > 0) {
            writeBytes(from, at, length);
        }
    }

    /** Bytes that {@link #writeVarint} writes. */
    static int varintBytes(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        return (70 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
    }

    /** Bytes that {@link #writeNullable} writes. */
    static int nullableBytes(int length) {
        return varintBytes(length) + Math.max(0, length);
    }
}
