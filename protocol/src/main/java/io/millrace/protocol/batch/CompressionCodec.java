package io.millrace.protocol.batch;

import java.util.Locale;

/** A compression of record batches. */
public enum CompressionCodec {
    NONE(0),
    GZIP(1),
    SNAPPY(2),
    LZ4(3),
    ZSTD(4);

    private final int id;

    CompressionCodec(int id) {
        this.id = id;
    }

    /** The number in the lowest three bits of a batch's attributes, which is Kafka's. */
    public int id() {
        return id;
    }

    /** The name in settings and options, which is Kafka's. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
