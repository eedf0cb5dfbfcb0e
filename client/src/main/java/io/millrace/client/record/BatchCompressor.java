package io.millrace.client.record;

import com.github.luben.zstd.ZstdCompressCtx;
import io.millrace.protocol.batch.CompressionCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/** Compresses the records of a batch. Thread-safe. */
final class BatchCompressor {

    /** On log data, level 1 compresses nearly as well as level 3 for half the processor time. */
    private static final int ZSTD_LEVEL = 1;

    /**
     * Idle contexts, bounded by the maximum of concurrent compressions. Creating a context costs
     * more than compressing a small batch.
     */
    private static final ConcurrentLinkedQueue<ZstdCompressCtx> ZSTD_CONTEXTS =
            new ConcurrentLinkedQueue<>();

    private BatchCompressor() {}

    /**
     * Compresses a range of an array after a headroom of unused bytes.
     *
     * @return the array, owned by the caller
     */
    static Compressed compress(
            CompressionCodec codec, byte[] source, int from, int to, int headroomBytes) {
        return switch (codec) {
            case NONE -> throw new IllegalStateException("No codec to compress with");
            case ZSTD -> zstd(source, from, to, headroomBytes);
            case GZIP, SNAPPY, LZ4 -> streamed(codec, source, from, to, headroomBytes);
        };
    }

    /** Compressed bytes from the headroom to {@code end}. */
    record Compressed(byte[] array, int end) {}

    private static Compressed zstd(byte[] source, int from, int to, int headroomBytes) {
        ZstdCompressCtx context = ZSTD_CONTEXTS.poll();
        if (context == null) {
            context = new ZstdCompressCtx().setLevel(ZSTD_LEVEL);
        }
        int length = to - from;
        // The bound of zstd's ZSTD_COMPRESSBOUND.
        int bound = length + (length >>> 8) + 1024;
        byte[] target = new byte[headroomBytes + bound];
        int written = context.compressByteArray(target, headroomBytes, bound, source, from, length);
        ZSTD_CONTEXTS.add(context);
        return new Compressed(target, headroomBytes + written);
    }

    private static Compressed streamed(
            CompressionCodec codec, byte[] source, int from, int to, int headroomBytes) {
        ByteBufferOutputStream target =
                new ByteBufferOutputStream(headroomBytes + Math.max(512, (to - from) / 2));
        target.position(headroomBytes);
        try (OutputStream compressor =
                Compression.of(CompressionType.forId(codec.id()))
                        .build()
                        .wrapForOutput(target, RecordBatch.MAGIC_VALUE_V2)) {
            compressor.write(source, from, to - from);
        } catch (IOException impossible) {
            throw new UncheckedIOException("Memory does not fail", impossible);
        }
        ByteBuffer bytes = target.buffer();
        return new Compressed(bytes.array(), bytes.position());
    }
}
