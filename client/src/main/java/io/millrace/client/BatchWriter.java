package io.millrace.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes records into one Kafka RecordBatch (magic 2), as docs/formats.md specifies it. First
 * records are appended, then it is sealed, then it may be stamped, again for each new identity. Not
 * thread-safe.
 */
final class BatchWriter {

    static final int HEADER_BYTES = 61;

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
    private static final int COUNT_AT = 57;

    private byte[] bytes;
    private int end = HEADER_BYTES;
    private int count;
    private long baseTimestampMs;
    private long maxTimestampMs;

    /**
     * @param capacityBytes what the batch will probably need; it grows past it
     */
    BatchWriter(int capacityBytes) {
        bytes = new byte[Math.max(capacityBytes, HEADER_BYTES + 64)];
    }

    /** What a record takes at most. */
    static int sizeBound(
            byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
        // Varints: length, offset delta and header count 5 each, timestamp delta 10, two lengths 5
        // each; attributes 1.
        int bound = 36 + (key == null ? 0 : key.length) + (value == null ? 0 : value.length);
        for (RecordHeader header : headers) {
            byte[] headerValue = header.value();
            bound +=
                    10 + 3 * header.key().length() + (headerValue == null ? 0 : headerValue.length);
        }
        return bound;
    }

    int count() {
        return count;
    }

    /** Bytes so far, the header included. */
    int sizeBytes() {
        return end;
    }

    void append(
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers,
            long timestampMs) {
        int bound = sizeBound(key, value, headers);
        if (bytes.length - end < bound) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, end + bound));
        }
        if (count == 0) {
            baseTimestampMs = timestampMs;
            maxTimestampMs = timestampMs;
        } else {
            maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
        }
        long timestampDelta = timestampMs - baseTimestampMs;
        writeSigned(bodyBytes(key, value, headers, timestampDelta));
        bytes[end++] = 0;
        writeSigned(timestampDelta);
        writeSigned(count);
        writeArray(key);
        writeArray(value);
        writeSigned(headers.size());
        for (RecordHeader header : headers) {
            writeArray(header.key().getBytes(StandardCharsets.UTF_8));
            writeArray(header.value());
        }
        count++;
    }

    private long bodyBytes(
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers,
            long timestampDelta) {
        long size = 1 + signedBytes(timestampDelta) + signedBytes(count);
        size += arrayBytes(key) + arrayBytes(value) + signedBytes(headers.size());
        for (RecordHeader header : headers) {
            size += arrayBytes(header.key().getBytes(StandardCharsets.UTF_8));
            size += arrayBytes(header.value());
        }
        return size;
    }

    /** Compresses what was appended and writes the header, without producer. */
    void seal(Codec codec) {
        int attributes = 0;
        if (codec != Codec.NONE) {
            Codec.Compressed compressed = codec.compress(bytes, HEADER_BYTES, end, HEADER_BYTES);
            // What does not shrink is cheaper to read as it is.
            if (compressed.end() < end) {
                bytes = compressed.array();
                end = compressed.end();
                attributes = codec.id;
            }
        }
        ByteBuffer header = ByteBuffer.wrap(bytes);
        header.putLong(0, 0)
                .putInt(LENGTH_AT, end - LEADER_EPOCH_AT)
                .putInt(LEADER_EPOCH_AT, -1)
                .put(MAGIC_AT, (byte) 2)
                .putShort(ATTRIBUTES_AT, (short) attributes)
                .putInt(LAST_OFFSET_DELTA_AT, count - 1)
                .putLong(BASE_TIMESTAMP_AT, baseTimestampMs)
                .putLong(MAX_TIMESTAMP_AT, maxTimestampMs)
                .putInt(COUNT_AT, count);
        stamp(-1, -1, -1);
    }

    /** Sets producer and sequence, and the checksum that covers them. */
    void stamp(long producerId, int producerEpoch, int baseSequence) {
        ByteBuffer.wrap(bytes)
                .putLong(PRODUCER_ID_AT, producerId)
                .putShort(PRODUCER_EPOCH_AT, (short) producerEpoch)
                .putInt(BASE_SEQUENCE_AT, baseSequence);
        CRC32C crc = new CRC32C();
        crc.update(bytes, ATTRIBUTES_AT, end - ATTRIBUTES_AT);
        ByteBuffer.wrap(bytes).putInt(CRC_AT, (int) crc.getValue());
    }

    /** The batch. Shares this writer's memory: valid until the next stamp. */
    ByteString toByteString() {
        return UnsafeByteOperations.unsafeWrap(bytes, 0, end);
    }

    private void writeArray(byte @Nullable [] array) {
        if (array == null) {
            writeSigned(-1);
        } else {
            writeSigned(array.length);
            System.arraycopy(array, 0, bytes, end, array.length);
            end += array.length;
        }
    }

    private static long arrayBytes(byte @Nullable [] array) {
        return array == null ? 1 : signedBytes(array.length) + (long) array.length;
    }

    /** Writes a number as a zigzag varint. */
    private void writeSigned(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7FL) != 0) {
            bytes[end++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[end++] = (byte) rest;
    }

    private static int signedBytes(long value) {
        long zigzag = (value << 1) ^ (value >> 63);
        return (70 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
    }
}
