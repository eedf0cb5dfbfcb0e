package io.millrace.ingest.pack;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.topic.TopicSettings.Compression;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.RecordScan;
import io.millrace.protocol.batch.RecordWriter;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.stream.Slice;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadyBatchTest {

    private static final long NOW = 1_800_000_000_000L;

    private final BatchEncoder encoder = new BatchEncoder(1);

    @Test
    void aReadyBatchIsCompressedWithAllElseUnchanged() {
        SimpleRecord[] records = new SimpleRecord[100];
        Arrays.setAll(
                records,
                i ->
                        new SimpleRecord(
                                NOW + i,
                                "k".getBytes(UTF_8),
                                PendingRecordsTest.LINE.getBytes(UTF_8)));
        MemoryRecords made =
                MemoryRecords.withIdempotentRecords(
                        org.apache.kafka.common.compress.Compression.NONE,
                        4711,
                        (short) 3,
                        99,
                        records);
        Slice batch = slice(made);

        for (Compression compression : Compression.values()) {
            Slice smaller = encoder.recompress(batch, compression);

            Decoded decoded = Decoded.of(smaller);
            assertThat(decoded.records()).isEqualTo(Decoded.of(batch).records());
            assertThat(decoded.batch().producerId()).isEqualTo(4711);
            assertThat(decoded.batch().producerEpoch()).isEqualTo((short) 3);
            assertThat(decoded.batch().baseSequence()).isEqualTo(99);
            boolean asked = compression != Compression.NONE && compression != Compression.PRODUCER;
            assertThat(smaller.length() < batch.length()).as("%s", compression).isEqualTo(asked);
            if (asked) {
                assertThat(encoder.recompress(smaller, Compression.GZIP)).isSameAs(smaller);
            }
        }
    }

    @Test
    void aReadyBatchWithoutAKeyIsFoundWhateverItsCompression() {
        for (var type : org.apache.kafka.common.record.internal.CompressionType.values()) {
            var codec = org.apache.kafka.common.compress.Compression.of(type).build();
            SimpleRecord keyed =
                    new SimpleRecord(
                            NOW, "k".getBytes(UTF_8), PendingRecordsTest.LINE.getBytes(UTF_8));
            SimpleRecord unkeyed =
                    new SimpleRecord(NOW, null, PendingRecordsTest.LINE.getBytes(UTF_8));

            assertThat(
                            RecordValidator.problemOf(
                                    slice(MemoryRecords.withRecords(codec, keyed, keyed))))
                    .isEmpty();
            assertThat(
                            RecordValidator.problemOf(
                                    slice(MemoryRecords.withRecords(codec, keyed, unkeyed))))
                    .as("%s", type)
                    .hasValueSatisfying(
                            problem -> assertThat(problem.reason()).isEqualTo(Reason.NULL_KEY));
        }
    }

    @Test
    void aReadyBatchWhoseRecordsAreGarbageIsFound() {
        byte[] array = new byte[200];
        new Random(3).nextBytes(array);
        BatchHeader.write(array, 0, 200, BatchHeader.Fields.anonymous(4, 5, NOW, NOW));

        assertThat(RecordValidator.problemOf(new Slice(array, 0, 200)))
                .hasValueSatisfying(
                        problem -> assertThat(problem.reason()).isEqualTo(Reason.MALFORMED_BATCH));
    }

    @Test
    void aBatchThatDecompressesToFarMoreThanItsSizeIsRejected() {
        var zstd = org.apache.kafka.common.compress.Compression.zstd().build();
        SimpleRecord zeros = new SimpleRecord(NOW, "k".getBytes(UTF_8), new byte[64 << 20]);
        Slice bomb = slice(MemoryRecords.withRecords(zstd, zeros));
        assertThat(bomb.length()).isLessThan(100_000);

        assertThat(RecordValidator.problemOf(bomb))
                .hasValueSatisfying(problem -> {
                    assertThat(problem.reason()).isEqualTo(Reason.TOO_LARGE);
                    assertThat(problem.message()).contains("smaller batches");
                });
    }

    @Test
    void aRecordLargerThanACompactionDecodesIsRejected() {
        var zstd = org.apache.kafka.common.compress.Compression.zstd().build();
        byte[] value = new byte[RecordScan.MAX_RECORD_BYTES];
        new Random(3).nextBytes(value);
        Arrays.fill(value, value.length / 4, value.length, (byte) 0);
        Slice batch =
                slice(
                        MemoryRecords.withRecords(
                                zstd, new SimpleRecord(NOW, "k".getBytes(UTF_8), value)));
        assertThat(batch.length()).isLessThan(RecordScan.MAX_RECORD_BYTES / 3);

        assertThat(RecordValidator.problemOf(batch))
                .hasValueSatisfying(problem -> {
                    assertThat(problem.reason()).isEqualTo(Reason.TOO_LARGE);
                    assertThat(problem.message()).contains("Record 0", "smaller records");
                });
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 1_000_000, -1})
    void aReadyBatchWhoseOffsetDeltasAreNotConsecutiveIsFound(int delta) {
        assertThat(RecordValidator.problemOf(twoRecords(1))).isEmpty();
        assertThat(RecordValidator.problemOf(twoRecords(delta)))
                .hasValueSatisfying(problem -> {
                    assertThat(problem.reason()).isEqualTo(Reason.MALFORMED_BATCH);
                    assertThat(problem.message()).contains("offset delta " + delta);
                });
    }

    /** Returns a batch whose header is correct for any offset delta of the second record. */
    private static Slice twoRecords(int secondDelta) {
        byte[] key = {'k'};
        RecordWriter writer = new RecordWriter(200);
        for (int delta : List.of(0, secondDelta)) {
            int bytes =
                    RecordWriter.startBytes(0, delta)
                            + RecordWriter.nullableBytes(1)
                            + RecordWriter.nullableBytes(-1)
                            + RecordWriter.varintBytes(0);
            writer.startRecord(bytes, 0, delta);
            writer.writeNullable(key, 0, 1);
            writer.writeNullable(key, 0, -1);
            writer.writeVarint(0);
        }
        BatchHeader.write(
                writer.array(), 0, writer.end(), BatchHeader.Fields.anonymous(0, 2, NOW, NOW));
        return new Slice(writer.array(), 0, writer.end());
    }

    private static Slice slice(MemoryRecords records) {
        ByteBuffer buffer = records.buffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return new Slice(bytes, 0, bytes.length);
    }
}
