package io.millrace.simulation.workload;

import io.millrace.protocol.batch.BatchHeader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/** The compression of batches, and the codecs that topics may configure. */
public final class BatchCodecs {

    /** Half of all batches are uncompressed. */
    private static final List<CompressionType> PRODUCER_CODECS =
            List.of(
                    CompressionType.NONE,
                    CompressionType.NONE,
                    CompressionType.NONE,
                    CompressionType.NONE,
                    CompressionType.GZIP,
                    CompressionType.SNAPPY,
                    CompressionType.LZ4,
                    CompressionType.ZSTD);

    /** Values of {@code segment.compression}, without levels that initialize slowly. */
    private static final List<String> SEGMENT_SETTINGS =
            List.of("off", "zstd", "zstd:1", "lz4", "lz4:17", "gzip", "gzip:1", "gzip:9");

    private BatchCodecs() {}

    static CompressionType producerCodec(long firstNumber) {
        int mixed = (int) ((firstNumber * 0x9E3779B97F4A7C15L) >>> 48);
        return PRODUCER_CODECS.get(mixed % PRODUCER_CODECS.size());
    }

    static String randomSegmentSetting(SplittableRandom random) {
        return SEGMENT_SETTINGS.get(random.nextInt(SEGMENT_SETTINGS.size()));
    }

    /** Returns the compressed bytes, after space for a batch header. */
    static byte[] compressed(CompressionType type, byte[] records, int at, int length) {
        ByteBufferOutputStream bytes = new ByteBufferOutputStream(BatchHeader.BYTES + length + 64);
        bytes.position(BatchHeader.BYTES);
        try (OutputStream out = compression(type).wrapForOutput(bytes, BatchHeader.MAGIC)) {
            out.write(records, at, length);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        ByteBuffer written = bytes.buffer().flip();
        byte[] copy = new byte[written.remaining()];
        written.get(copy);
        return copy;
    }

    private static Compression compression(CompressionType type) {
        return type == CompressionType.ZSTD
                ? Compression.zstd().level(1).build()
                : Compression.of(type).build();
    }

    /**
     * @throws UncheckedIOException if the records are not compressed as the header says
     */
    public static ByteBuffer records(byte[] bytes, int at) {
        int length = (int) BatchHeader.sizeBytes(bytes, at) - BatchHeader.BYTES;
        ByteBuffer records = ByteBuffer.wrap(bytes, at + BatchHeader.BYTES, length);
        CompressionType type = CompressionType.forId(BatchHeader.compression(bytes, at));
        if (type == CompressionType.NONE || BatchHeader.recordCount(bytes, at) == 0) {
            return records;
        }
        try (InputStream in =
                Compression.of(type)
                        .build()
                        .wrapForInput(records, BatchHeader.MAGIC, BufferSupplier.NO_CACHING)) {
            return ByteBuffer.wrap(in.readAllBytes());
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
