package io.millrace.ingest.pack;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.millrace.metadata.topic.TopicSettings.Compression;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.CompressionCodec;
import io.millrace.storage.stream.Slice;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalLong;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/**
 * Encodes records into batches, and compresses batches. Thread-safe; threads should be few, since
 * each keeps a zstd context of about 1 MiB.
 */
public final class BatchEncoder {

    private static final int SCRATCH_KEPT_BYTES = 2 * 1024 * 1024;

    private final ThreadLocal<Zstandard> zstandard;

    public BatchEncoder(int zstdLevel) {
        this.zstandard = ThreadLocal.withInitial(() -> new Zstandard(zstdLevel));
    }

    /**
     * Encodes all records into one batch in a separate array, uncompressed if compression does not
     * shrink it.
     *
     * @param records not empty; must not be written meanwhile
     * @param compression {@code PRODUCER} means zstd
     * @param logAppendTimeMs replaces the records' timestamps
     */
    public Slice encode(
            PendingRecords records, Compression compression, OptionalLong logAppendTimeMs) {
        int timestampType = logAppendTimeMs.isPresent() ? BatchHeader.LOG_APPEND_TIME : 0;
        BatchHeader.Fields fields =
                BatchHeader.Fields.anonymous(
                        timestampType,
                        records.count(),
                        records.baseTimestampMs(),
                        logAppendTimeMs.orElse(records.maxTimestampMs()));
        return batch(
                records.array(),
                BatchHeader.BYTES,
                records.batchBytes() - BatchHeader.BYTES,
                fields,
                compression.codec().orElse(CompressionCodec.ZSTD));
    }

    /**
     * Compresses a valid batch; only compression, length and CRC change.
     *
     * @return the batch itself if already compressed, the topic names no codec, or compression does
     *     not shrink it
     */
    public Slice recompress(Slice batch, Compression compression) {
        CompressionCodec codec = compression.codec().orElse(CompressionCodec.NONE);
        boolean isCompressed =
                BatchHeader.compression(batch.array(), batch.offset())
                        != CompressionCodec.NONE.id();
        if (codec == CompressionCodec.NONE || isCompressed) {
            return batch;
        }
        Slice made =
                batch(
                        batch.array(),
                        batch.offset() + BatchHeader.BYTES,
                        batch.length() - BatchHeader.BYTES,
                        BatchHeader.Fields.of(batch.array(), batch.offset()),
                        codec);
        return made.length() < batch.length() ? made : batch;
    }

    private Slice batch(
            byte[] records, int at, int length, BatchHeader.Fields fields, CompressionCodec codec) {
        byte[] compressed =
                switch (codec) {
                    case NONE -> new byte[0];
                    case ZSTD -> zstandard.get().compress(records, at, length);
                    case GZIP, SNAPPY, LZ4 -> streamed(codec, records, at, length);
                };
        boolean shrunk = compressed.length > 0 && compressed.length < length + BatchHeader.BYTES;
        byte[] bytes = compressed;
        if (!shrunk) {
            bytes = new byte[BatchHeader.BYTES + length];
            System.arraycopy(records, at, bytes, BatchHeader.BYTES, length);
        }
        int attributes = fields.attributes() | (shrunk ? codec.id() : 0);
        BatchHeader.write(bytes, 0, bytes.length, fields.withAttributes(attributes));
        return new Slice(bytes, 0, bytes.length);
    }

    /** Returns the compressed bytes, after room for a header. */
    private static byte[] streamed(CompressionCodec codec, byte[] records, int at, int length) {
        ByteBufferOutputStream bytes =
                new ByteBufferOutputStream(BatchHeader.BYTES + length / 2 + 64);
        bytes.position(BatchHeader.BYTES);
        var compression =
                org.apache.kafka.common.compress.Compression.of(CompressionType.forId(codec.id()))
                        .build();
        try (OutputStream out = compression.wrapForOutput(bytes, BatchHeader.MAGIC)) {
            out.write(records, at, length);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        ByteBuffer written = bytes.buffer().flip();
        byte[] copy = new byte[written.remaining()];
        written.get(copy);
        return copy;
    }

    private static final class Zstandard {
        private final ZstdCompressCtx context = new ZstdCompressCtx();
        private byte[] scratch = new byte[0];

        Zstandard(int level) {
            context.setLevel(level);
        }

        byte[] compress(byte[] records, int at, int length) {
            int bound = BatchHeader.BYTES + Math.toIntExact(Zstd.compressBound(length));
            byte[] target = scratch.length >= bound ? scratch : new byte[bound];
            if (bound <= SCRATCH_KEPT_BYTES) {
                scratch = target;
            }
            int written =
                    context.compressByteArray(
                            target,
                            BatchHeader.BYTES,
                            target.length - BatchHeader.BYTES,
                            records,
                            at,
                            length);
            return Arrays.copyOf(target, BatchHeader.BYTES + written);
        }
    }
}
