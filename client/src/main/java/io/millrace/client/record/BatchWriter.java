package io.millrace.client.record;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.protocol.batch.RecordWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes records into a Kafka RecordBatch (magic 2), as specified in docs/formats.md. Append
 * records, seal, then optionally stamp for each new identity. Not thread-safe.
 */
public final class BatchWriter {

    public static final int HEADER_BYTES = BatchHeader.BYTES;

    private final RecordWriter records;
    private int count;
    private long baseTimestampMs;
    private long maxTimestampMs;

    /**
     * @param capacityBytes the expected size, which may be exceeded
     */
    public BatchWriter(int capacityBytes) {
        records = new RecordWriter(Math.max(capacityBytes, HEADER_BYTES + 64));
    }

    public static int sizeBound(
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

    public int sizeBytes() {
        return records.end();
    }

    public void append(
            byte @Nullable [] key,
            byte @Nullable [] value,
            List<RecordHeader> headers,
            long timestampMs) {
        if (count == 0) {
            baseTimestampMs = timestampMs;
            maxTimestampMs = timestampMs;
        } else {
            maxTimestampMs = Math.max(maxTimestampMs, timestampMs);
        }
        long timestampDelta = timestampMs - baseTimestampMs;
        long bodyBytes =
                RecordWriter.startBytes(timestampDelta, count) + contentBytes(key, value, headers);
        records.startRecord(Math.toIntExact(bodyBytes), timestampDelta, count);
        write(key);
        write(value);
        records.writeVarint(headers.size());
        for (RecordHeader header : headers) {
            write(header.key().getBytes(StandardCharsets.UTF_8));
            write(header.value());
        }
        count++;
    }

    private static long contentBytes(
            byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
        long size = fieldBytes(key) + fieldBytes(value) + RecordWriter.varintBytes(headers.size());
        for (RecordHeader header : headers) {
            size += fieldBytes(header.key().getBytes(StandardCharsets.UTF_8));
            size += fieldBytes(header.value());
        }
        return size;
    }

    private static long fieldBytes(byte @Nullable [] field) {
        return field == null ? 1 : RecordWriter.varintBytes(field.length) + (long) field.length;
    }

    private void write(byte @Nullable [] field) {
        if (field == null) {
            records.writeVarint(-1);
        } else {
            records.writeNullable(field, 0, field.length);
        }
    }

    /** Compresses the records and writes the header, without a producer. */
    public void seal(CompressionCodec codec) {
        CompressionCodec used = CompressionCodec.NONE;
        if (codec != CompressionCodec.NONE) {
            BatchCompressor.Compressed compressed =
                    BatchCompressor.compress(
                            codec, records.array(), HEADER_BYTES, records.end(), HEADER_BYTES);
            // If compression saves nothing, uncompressed records are cheaper to read.
            if (compressed.end() < records.end()) {
                records.replace(compressed.array(), compressed.end());
                used = codec;
            }
        }
        BatchHeader.write(
                records.array(),
                0,
                records.end(),
                BatchHeader.Fields.anonymous(used.id(), count, baseTimestampMs, maxTimestampMs));
    }

    /** Sets producer and sequence, and updates the checksum. */
    public void stamp(long producerId, int producerEpoch, int baseSequence) {
        BatchHeader.stampProducer(
                records.array(), 0, producerId, (short) producerEpoch, baseSequence);
    }

    /** Returns the batch in this writer's memory, valid until the next stamp. */
    public ByteString toByteString() {
        return UnsafeByteOperations.unsafeWrap(records.array(), 0, records.end());
    }
}
