package io.millrace.compaction.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.junit.jupiter.api.Test;

class CodecCheckTest {

    /** A codec whose native library cannot be loaded. */
    private record Unloadable(CompressionType type) implements Compression {

        @Override
        public OutputStream wrapForOutput(ByteBufferOutputStream buffer, byte version) {
            throw new UnsatisfiedLinkError("no library for this platform");
        }

        @Override
        public InputStream wrapForInput(ByteBuffer buffer, byte version, BufferSupplier supplier) {
            throw new UnsatisfiedLinkError("no library for this platform");
        }
    }

    @Test
    void everyCodecWorksHere() {
        assertThat(CodecCheck.problem()).isEmpty();
    }

    @Test
    void aCodecWithoutItsLibraryIsNamedWithTheCauseAndAnAction() {
        assertThat(
                        CodecCheck.problem(
                                List.of(Compression.NONE, new Unloadable(CompressionType.SNAPPY))))
                .hasValueSatisfying(problem ->
                        assertThat(problem)
                                .contains("codec snappy", "no library for this platform")
                                .contains("java.io.tmpdir"));
    }
}
