package io.millrace.kafka.world;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.CompactArrayOf;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;

/**
 * Writes requests that fit a schema of Kafka. A sequence of bytes decides about the values, so that
 * a fuzzer that changes bytes changes requests, not their form.
 */
final class SchemaBytes {

    /** Names and ids that the node knows, and some that have a meaning in Kafka. */
    private static final List<String> TEXTS =
            List.of("t", "g", "", "member", "consumer", "range", "*", "retention.ms", "1", "t-1");

    private static final int MAX_ELEMENTS = 4;

    private final byte[] choices;
    private final byte[] batch;
    private int next;

    /**
     * @param batch a record batch, which is sent at times
     */
    SchemaBytes(byte[] choices, int from, byte[] batch) {
        this.choices = choices;
        this.next = from;
        this.batch = batch;
    }

    byte[] write(Schema schema) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(schema, new DataOutputStream(bytes));
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return bytes.toByteArray();
    }

    private int choice() {
        return next < choices.length ? choices[next++] & 0xff : 0;
    }

    private void write(Schema schema, DataOutputStream out) throws IOException {
        for (BoundField field : schema.fields()) {
            write(field.def.type, out);
        }
    }

    private void write(Type type, DataOutputStream out) throws IOException {
        if (type instanceof Schema struct) {
            if (type.isNullable()) {
                out.writeByte(1);
            }
            write(struct, out);
        } else if (type instanceof TaggedFields) {
            out.writeByte(0);
        } else if (type.isArray()) {
            array(type, out);
        } else {
            value(type.toString(), out);
        }
    }

    private void array(Type type, DataOutputStream out) throws IOException {
        int count = choice();
        boolean absent = count == 0xff && type.isNullable();
        int elements = count % MAX_ELEMENTS;
        if (type instanceof CompactArrayOf) {
            out.writeByte(absent ? 0 : elements + 1);
        } else {
            out.writeInt(absent ? -1 : elements);
        }
        Type element = type.arrayElementType().orElseThrow();
        for (int i = absent ? elements : 0; i < elements; i++) {
            write(element, out);
        }
    }

    private void value(String type, DataOutputStream out) throws IOException {
        switch (type) {
            case "BOOLEAN" -> out.writeByte(choice() & 1);
            case "INT8" -> out.writeByte(choice());
            case "INT16" -> out.writeShort((short) number());
            case "UINT16" -> out.writeShort((short) number());
            case "INT32", "UINT32" -> out.writeInt((int) number());
            case "INT64", "FLOAT64" -> out.writeLong(number());
            case "UUID" -> {
                out.writeLong(number());
                out.writeLong(number());
            }
            case "STRING" -> plain(text(), Short.BYTES, out);
            case "NULLABLE_STRING" -> plain(textOrNull(), Short.BYTES, out);
            case "BYTES" -> plain(bytes(), Integer.BYTES, out);
            case "NULLABLE_BYTES", "RECORDS", "NULLABLE_RECORDS" ->
                    plain(bytesOrNull(), Integer.BYTES, out);
            case "COMPACT_STRING" -> compact(text(), out);
            case "COMPACT_NULLABLE_STRING" -> compact(textOrNull(), out);
            case "COMPACT_BYTES" -> compact(bytes(), out);
            case "COMPACT_NULLABLE_BYTES", "COMPACT_RECORDS", "COMPACT_NULLABLE_RECORDS" ->
                    compact(bytesOrNull(), out);
            default -> throw new IllegalStateException("A value of type " + type);
        }
    }

    private long number() {
        int choice = choice();
        return switch (choice >> 4) {
            case 15 -> Long.MAX_VALUE;
            case 14 -> Integer.MAX_VALUE;
            case 13 -> Long.MIN_VALUE;
            case 12 -> ByteBuffer.allocate(Long.BYTES).putLong(0, random()).getLong(0);
            default -> (choice & 0x3f) - 6;
        };
    }

    private long random() {
        long number = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            number = number << 8 | choice();
        }
        return number;
    }

    private byte[] text() {
        return TEXTS.get(choice() % TEXTS.size()).getBytes(StandardCharsets.UTF_8);
    }

    private byte[] textOrNull() {
        return choice() % 3 == 0 ? NULL : text();
    }

    private static final byte[] NULL = new byte[0];

    private byte[] bytesOrNull() {
        return choice() % 8 == 7 ? NULL : bytes();
    }

    private byte[] bytes() {
        int choice = choice();
        if (choice % 4 > 0) {
            return batch;
        }
        byte[] some = new byte[choice >> 2];
        for (int i = 0; i < some.length; i++) {
            some[i] = (byte) choice();
        }
        return some;
    }

    private static void plain(byte[] value, int lengthBytes, DataOutputStream out)
            throws IOException {
        int length = value == NULL ? -1 : value.length;
        if (lengthBytes == Short.BYTES) {
            out.writeShort(length);
        } else {
            out.writeInt(length);
        }
        out.write(value);
    }

    private static void compact(byte[] value, DataOutputStream out) throws IOException {
        int rest = value == NULL ? 0 : value.length + 1;
        while (rest > 0x7f) {
            out.writeByte(rest & 0x7f | 0x80);
            rest >>>= 7;
        }
        out.writeByte(rest);
        out.write(value);
    }
}
