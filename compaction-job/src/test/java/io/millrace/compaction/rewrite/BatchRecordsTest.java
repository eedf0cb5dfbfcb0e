package io.millrace.compaction.rewrite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.stream.Slice;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.OptionalLong;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.common.utils.internals.BufferSupplier;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;
import org.junit.jupiter.api.Test;

/** Tests that every compressor of a rewritten batch is closed, because it holds native memory. */
class BatchRecordsTest {

    /** Zstd with a counter of open compressors. */
    private static final class CountedZstd implements Compression {

        private final Compression zstd = Compression.zstd().build();
        private int opened;
        private int closed;

        @Override
        public CompressionType type() {
            return zstd.type();
        }

        @Override
        public OutputStream wrapForOutput(ByteBufferOutputStream buffer, byte version) {
            opened++;
            return new FilterOutputStream(zstd.wrapForOutput(buffer, version)) {
                @Override
                public void close() throws IOException {
                    closed++;
                    super.close();
                }
            };
        }

        @Override
        public InputStream wrapForInput(ByteBuffer buffer, byte version, BufferSupplier supplier) {
            return zstd.wrapForInput(buffer, version, supplier);
        }
    }

    private final CountedZstd zstd = new CountedZstd();

    private static byte[] batch() {
        MemoryRecords records =
                MemoryRecords.withRecords(
                        Compression.NONE,
                        new SimpleRecord(1, "a".getBytes(UTF_8), "1".getBytes(UTF_8)),
                        new SimpleRecord(2, "b".getBytes(UTF_8), "2".getBytes(UTF_8)));
        return Utils.toArray(records.buffer());
    }

    private static BatchRecords records(byte[] batch) {
        return new BatchRecords(new Slice(batch, 0, batch.length), 100);
    }

    private int recordsOf(Slice batch) {
        return BatchHeader.recordCount(batch.array(), batch.offset());
    }

    @Test
    void aBatchWithoutRecordsOpensNoCompressor() {
        Slice none = records(batch()).filtered(record -> false, zstd, OptionalLong.empty());
        assertThat(recordsOf(none)).isZero();
        assertThat(zstd.opened).isZero();
    }

    @Test
    void theCompressorOfABatchIsClosed() {
        Slice last =
                records(batch())
                        .filtered(record -> record.offset() == 101, zstd, OptionalLong.empty());
        assertThat(recordsOf(last)).isOne();
        assertThat(zstd.opened).isOne();
        assertThat(zstd.closed).isOne();
    }

    @Test
    void theCompressorIsClosedWhenALaterRecordCannotBeDecoded() {
        byte[] damaged = batch();
        Arrays.fill(damaged, damaged.length - 6, damaged.length, (byte) 0x7f);
        assertThatThrownBy(
                        () -> records(damaged).filtered(record -> true, zstd, OptionalLong.empty()))
                .isInstanceOf(RuntimeException.class);
        assertThat(zstd.opened).isOne();
        assertThat(zstd.closed).isOne();
    }

    @Test
    void aDamagedSizeOfASnappyBlockIsFoundBeforeTheDecoderBelievesIt() {
        MemoryRecords records =
                MemoryRecords.withRecords(
                        Compression.snappy().build(),
                        new SimpleRecord(1, "a".getBytes(UTF_8), new byte[1000]));
        byte[] damaged = Utils.toArray(records.buffer());
        ByteBuffer.wrap(damaged).putInt(BatchHeader.BYTES + 16, Integer.MIN_VALUE + 36);
        assertThatThrownBy(() -> records(damaged)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theCompressorIsClosedWhenARecordCannotBeJudged() {
        assertThatThrownBy(() ->
                        records(batch())
                                .filtered(
                                        record -> {
                                            if (record.offset() == 101) {
                                                throw new IllegalStateException("unexpected");
                                            }
                                            return true;
                                        },
                                        zstd,
                                        OptionalLong.empty()))
                .hasMessage("unexpected");
        assertThat(zstd.closed).isEqualTo(zstd.opened).isOne();
    }
}
