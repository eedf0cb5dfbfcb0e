package io.millrace.cli.records;

import io.millrace.cli.terminal.Console;
import io.millrace.cli.terminal.OutputFailedException;
import io.millrace.client.record.ReadRecord;
import io.millrace.client.record.RecordHeader;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A buffered writer of records. */
final class RecordPrinter {

    private static final int BUFFER_BYTES = 256 * 1024;

    private final OutputStream out;
    private final ConsumeCommand.Format format;
    private final byte[] tombstone;

    /**
     * @param tombstone the text for a record without a value, where only values are written
     */
    RecordPrinter(OutputStream out, ConsumeCommand.Format format, String tombstone) {
        this.out = new BufferedOutputStream(out, BUFFER_BYTES);
        this.format = format;
        this.tombstone = tombstone.getBytes(StandardCharsets.UTF_8);
    }

    void write(ReadRecord record) {
        try {
            switch (format) {
                case value -> writeValue(record.value());
                case json -> out.write(json(record).getBytes(StandardCharsets.UTF_8));
            }
            out.write('\n');
        } catch (IOException failed) {
            throw new OutputFailedException(failed);
        }
    }

    void flush() {
        try {
            out.flush();
        } catch (IOException failed) {
            throw new OutputFailedException(failed);
        }
    }

    private void writeValue(@Nullable ByteBuffer bytes) throws IOException {
        if (bytes == null) {
            out.write(tombstone);
        } else if (bytes.hasArray()) {
            out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        } else {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            out.write(copy);
        }
    }

    private static String json(ReadRecord record) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("topic", record.partition().topic());
        json.put("partition", record.partition().partition());
        json.put("offset", record.offset());
        json.put("timestamp", record.timestampMs());
        json.put("key", text(record.key()));
        json.put("value", text(record.value()));
        List<Map<String, @Nullable Object>> headers = new ArrayList<>();
        for (RecordHeader header : record.headers()) {
            byte[] value = header.value();
            Map<String, @Nullable Object> each = new LinkedHashMap<>();
            each.put("key", header.key());
            each.put("value", text(value == null ? null : ByteBuffer.wrap(value)));
            headers.add(each);
        }
        json.put("headers", headers);
        return Console.toJson(json);
    }

    private static @Nullable Object text(@Nullable ByteBuffer bytes) {
        if (bytes == null) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString();
        } catch (CharacterCodingException binary) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return Map.of("base64", Base64.getEncoder().encodeToString(copy));
        }
    }
}
