package io.millrace.protocol.batch;

import java.util.Locale;

/** A compression codec of record batches. */
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

    /** Returns Kafka's id, as in the lowest three bits of a batch's attributes. */
    public int id() {
        return id;
    }

    public String kafkaName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
