package io.millrace.client.record;

import io.millrace.protocol.batch.CompressionCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/** Encoded batches with a valid checksum whose records cannot be decoded. */
public final class PoisonBatches {

    private static final int LENGTH_AT = 8;
    private static final int CRC_AT = 17;
    private static final int ATTRIBUTES_AT = 21;
    private static final int COUNT_AT = 57;

    private PoisonBatches() {}

    static byte[] sound(CompressionCodec codec, int records) {
        BatchWriter writer = new BatchWriter(256);
        for (int i = 0; i < records; i++) {
            writer.append(null, new byte[] {1}, List.of(), 1);
        }
        writer.seal(codec);
        return writer.toByteString().toByteArray();
    }

    /** Returns 3 compressed records under a header with a different count. */
    public static byte[] withCount(int count) {
        byte[] batch = sound(CompressionCodec.ZSTD, 3);
        ByteBuffer.wrap(batch).putInt(COUNT_AT, count);
        return sealed(batch);
    }

    /** Returns a batch whose compressed data announces a record of 2 GiB. */
    static byte[] withRecordOfTwoGib() {
        // The varint of 2147483639, as the record's length.
        byte[] length = {(byte) 0xee, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f};
        ByteBufferOutputStream compressed = new ByteBufferOutputStream(256);
        try (OutputStream out =
                Compression.zstd().build().wrapForOutput(compressed, RecordBatch.MAGIC_VALUE_V2)) {
            out.write(length);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        ByteBuffer payload = compressed.buffer().flip();
        return withPayload(payload);
    }

    /** Returns a batch whose snappy block has a negative size. */
    static byte[] withSnappyBlockOfNegativeSize() {
        byte[] batch = sound(CompressionCodec.SNAPPY, 3);
        ByteBuffer.wrap(batch).putInt(ReadBatch.HEADER_BYTES + 16, Integer.MIN_VALUE + 36);
        return sealed(batch);
    }

    public static byte[] garbage() {
        return withPayload(ByteBuffer.wrap(new byte[20]));
    }

    private static byte[] withPayload(ByteBuffer payload) {
        byte[] header = sound(CompressionCodec.ZSTD, 3);
        ByteBuffer batch = ByteBuffer.allocate(ReadBatch.HEADER_BYTES + payload.remaining());
        batch.put(header, 0, ReadBatch.HEADER_BYTES).put(payload);
        batch.putInt(LENGTH_AT, batch.capacity() - LENGTH_AT - 4);
        return sealed(batch.array());
    }

    private static byte[] sealed(byte[] batch) {
        CRC32C crc = new CRC32C();
        crc.update(batch, ATTRIBUTES_AT, batch.length - ATTRIBUTES_AT);
        ByteBuffer.wrap(batch).putInt(CRC_AT, (int) crc.getValue());
        return batch;
    }
}
