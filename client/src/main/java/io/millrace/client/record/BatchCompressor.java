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

/** Compression of the records of a batch. Any thread. */
final class BatchCompressor {

    /** On logs it saves nearly what level 3 does, for half the processor time. */
    private static final int ZSTD_LEVEL = 1;

    /**
     * Contexts that no call uses at the moment, so at most as many as ever compressed at once. To
     * make one for each batch would cost more than to compress a small batch.
     */
    private static final ConcurrentLinkedQueue<ZstdCompressCtx> ZSTD_CONTEXTS =
            new ConcurrentLinkedQueue<>();

    private BatchCompressor() {}

    /**
     * Compresses a range of an array into a new array, behind some bytes that stay free.
     *
     * @return the array and where the compressed bytes end in it; the caller's to keep
     */
    static Compressed compress(
            CompressionCodec codec, byte[] source, int from, int to, int headroomBytes) {
        return switch (codec) {
            case NONE -> throw new IllegalStateException("Nothing to compress with");
            case ZSTD -> zstd(source, from, to, headroomBytes);
            case GZIP, SNAPPY, LZ4 -> streamed(codec, source, from, to, headroomBytes);
        };
    }

    /** An array whose bytes from the headroom to the end are compressed. */
    record Compressed(byte[] array, int end) {}

    private static Compressed zstd(byte[] source, int from, int to, int headroomBytes) {
        ZstdCompressCtx context = ZSTD_CONTEXTS.poll();
        if (context == null) {
            context = new ZstdCompressCtx().setLevel(ZSTD_LEVEL);
        }
        int length = to - from;
        // What zstd needs at worst, by its ZSTD_COMPRESSBOUND.
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
