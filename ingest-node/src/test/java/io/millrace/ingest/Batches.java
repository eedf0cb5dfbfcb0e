package io.millrace.ingest;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.jspecify.annotations.Nullable;

/** Real batches for tests. */
final class Batches {

    private Batches() {}

    /** Returns a batch without a producer id. */
    static ByteString of(String... values) {
        return of(-1, (short) -1, -1, 0, "key", values);
    }

    static ByteString idempotent(long producerId, int sequence, String... values) {
        return of(producerId, (short) 0, sequence, 0, "key", values);
    }

    static ByteString idempotentAt(
            long timestampMs, long producerId, int sequence, String... values) {
        return of(producerId, (short) 0, sequence, timestampMs, "key", values);
    }

    static ByteString withoutKey(String... values) {
        return of(-1, (short) -1, -1, 0, null, values);
    }

    static ByteString at(long timestampMs, String... values) {
        return of(-1, (short) -1, -1, timestampMs, "key", values);
    }

    private static ByteString of(
            long producerId,
            short epoch,
            int sequence,
            long timestampMs,
            @Nullable String key,
            String... values) {
        ByteBufferOutputStream out = new ByteBufferOutputStream(1024);
        try (MemoryRecordsBuilder builder =
                new MemoryRecordsBuilder(
                        out,
                        (byte) 2,
                        Compression.NONE,
                        TimestampType.CREATE_TIME,
                        0L,
                        -1L,
                        producerId,
                        epoch,
                        sequence,
                        false,
                        false,
                        -1,
                        Integer.MAX_VALUE)) {
            for (String value : values) {
                builder.append(timestampMs, key == null ? null : bytes(key), bytes(value));
            }
            return ByteString.copyFrom(builder.build().buffer());
        }
    }

    /** Returns the values of all records in the bytes of whole batches. */
    static List<String> values(byte[] batches) {
        List<String> values = new ArrayList<>();
        for (Record record : MemoryRecords.readableRecords(ByteBuffer.wrap(batches)).records()) {
            values.add(StandardCharsets.UTF_8.decode(record.value()).toString());
        }
        return values;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
