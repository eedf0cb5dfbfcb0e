package io.millrace.ingest.pack;

import io.millrace.protocol.batch.RecordWriter;

/**
 * The positions of the fields of one {@code millrace.v1.Record} in the wire bytes. Reused. A length
 * of -1 means null.
 */
final class RecordFields {

    private static final int KEY = 1 << 3 | 2;
    private static final int VALUE = 2 << 3 | 2;
    private static final int HEADERS = 3 << 3 | 2;
    private static final int TIMESTAMP = 4 << 3;

    int keyAt;
    int keyLength;
    int valueAt;
    int valueLength;
    long timestampMs;
    int headerCount;

    /** Size of all headers in Kafka's encoding. */
    int headerBytes;

    void scan(WireCursor wire) {
        keyLength = -1;
        valueLength = -1;
        timestampMs = 0;
        headerCount = 0;
        headerBytes = 0;
        while (!wire.atEnd()) {
            int tag = wire.readTag();
            switch (tag) {
                case KEY -> {
                    keyLength = wire.readLength();
                    keyAt = wire.at();
                    wire.skipBytes(keyLength);
                }
                case VALUE -> {
                    valueLength = wire.readLength();
                    valueAt = wire.at();
                    wire.skipBytes(valueLength);
                }
                case HEADERS -> {
                    HeaderFields header = HeaderFields.read(wire);
                    headerCount++;
                    headerBytes += header.encodedBytes();
                }
                case TIMESTAMP -> timestampMs = wire.readVarint();
                default -> wire.skipField(tag);
            }
        }
    }

    static void writeHeaders(WireCursor wire, int from, int to, RecordWriter out) {
        wire.moveTo(from, to);
        while (!wire.atEnd()) {
            int tag = wire.readTag();
            if (tag == HEADERS) {
                HeaderFields header = HeaderFields.read(wire);
                out.writeNullable(wire.array(), header.keyAt, header.keyLength);
                out.writeNullable(wire.array(), header.valueAt, header.valueLength);
            } else {
                wire.skipField(tag);
            }
        }
    }

    private record HeaderFields(int keyAt, int keyLength, int valueAt, int valueLength) {

        static HeaderFields read(WireCursor wire) {
            int length = wire.readLength();
            int outerEnd = wire.end();
            int headerEnd = wire.at() + length;
            wire.moveTo(wire.at(), headerEnd);
            int keyAt = headerEnd;
            int keyLength = 0;
            int valueAt = headerEnd;
            int valueLength = -1;
            while (!wire.atEnd()) {
                int tag = wire.readTag();
                if (tag == KEY) {
                    keyLength = wire.readLength();
                    keyAt = wire.at();
                    wire.checkUtf8(keyLength);
                    wire.skipBytes(keyLength);
                } else if (tag == VALUE) {
                    valueLength = wire.readLength();
                    valueAt = wire.at();
                    wire.skipBytes(valueLength);
                } else {
                    wire.skipField(tag);
                }
            }
            wire.moveTo(headerEnd, outerEnd);
            return new HeaderFields(keyAt, keyLength, valueAt, valueLength);
        }

        int encodedBytes() {
            return RecordWriter.nullableBytes(keyLength) + RecordWriter.nullableBytes(valueLength);
        }
    }
}
