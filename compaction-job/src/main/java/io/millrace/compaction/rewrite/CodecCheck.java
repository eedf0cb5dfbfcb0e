package io.millrace.compaction.rewrite;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/**
 * A check that every codec of batches works on this machine. Some codecs load native libraries,
 * which fails on unsupported platforms and in containers without a writable folder for them. Pure;
 * any thread.
 */
public final class CodecCheck {

    private static final byte[] SAMPLE = new byte[1000];

    private CodecCheck() {}

    /** Compresses and decompresses with every codec. Returns the first problem. */
    public static Optional<String> problem() {
        return problem(
                Arrays.stream(CompressionType.values())
                        .map(type -> (Compression) Compression.of(type).build())
                        .toList());
    }

    static Optional<String> problem(List<Compression> codecs) {
        for (Compression codec : codecs) {
            try {
                if (!Arrays.equals(SAMPLE, decompressed(codec, compressed(codec)))) {
                    return Optional.of(problem(codec, "it returns other bytes than it was given"));
                }
            } catch (LinkageError | IOException | RuntimeException unusable) {
                return Optional.of(problem(codec, unusable.toString()));
            }
        }
        return Optional.empty();
    }

    private static ByteBuffer compressed(Compression codec) throws IOException {
        ByteBufferOutputStream bytes = new ByteBufferOutputStream(SAMPLE.length);
        try (OutputStream out = codec.wrapForOutput(bytes, RecordBatch.CURRENT_MAGIC_VALUE)) {
            out.write(SAMPLE);
        }
        return bytes.buffer().flip();
    }

    private static byte[] decompressed(Compression codec, ByteBuffer compressed)
            throws IOException {
        try (InputStream in =
                codec.wrapForInput(
                        compressed, RecordBatch.CURRENT_MAGIC_VALUE, BufferSupplier.NO_CACHING)) {
            return in.readAllBytes();
        }
    }

    private static String problem(Compression codec, String cause) {
        return "the compression codec %s does not work on this machine: %s. Batches with it could not be merged or checked. Use a supported platform (Linux, macOS or Windows on x86-64 or ARM64), and let the Java property java.io.tmpdir name a writable folder from which programs may be executed (no noexec)."
                .formatted(codec.type().name, cause);
    }
}
