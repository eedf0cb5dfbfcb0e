package io.millrace.protocol.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.error.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class BatchValidatorTest {

    private static final long NOW = 1_800_000_000_000L;
    private static final BatchLimits LIMITS = new BatchLimits(1 << 20, 3_600_000);

    @Test
    void whatKafkasLibraryBuildsIsAcceptedAndReadAlike() {
        for (CompressionType type : CompressionType.values()) {
            for (long seed = 0; seed < 40; seed++) {
                Random random = new Random(seed);
                byte[] bytes = randomBatch(type, random);

                assertThat(check(bytes)).as("%s, seed %d", type, seed).isEqualTo("accepted");

                MutableRecordBatch oracle = decode(bytes);
                assertThat(BatchHeader.sizeBytes(bytes, 0)).isEqualTo(oracle.sizeInBytes());
                assertThat(BatchHeader.magic(bytes, 0)).isEqualTo(oracle.magic());
                assertThat(BatchHeader.compression(bytes, 0)).isEqualTo(type.id);
                assertThat(BatchHeader.maxTimestampMs(bytes, 0)).isEqualTo(oracle.maxTimestamp());
                assertThat(BatchHeader.producerId(bytes, 0)).isEqualTo(oracle.producerId());
                assertThat(BatchHeader.producerEpoch(bytes, 0)).isEqualTo(oracle.producerEpoch());
                assertThat(BatchHeader.baseSequence(bytes, 0)).isEqualTo(oracle.baseSequence());
                assertThat(BatchHeader.recordCount(bytes, 0)).isEqualTo(oracle.countOrNull());
                assertThat((long) BatchHeader.lastOffsetDelta(bytes, 0))
                        .isEqualTo(oracle.lastOffset() - oracle.baseOffset());
            }
        }
    }

    @Test
    void everyFlippedBitIsDetectedButThoseTheServerOverwrites() {
        byte[] bytes = randomBatch(CompressionType.NONE, new Random(5));
        for (int bit = 0; bit < 8 * bytes.length; bit++) {
            byte[] damaged = bytes.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            boolean overwritten = bit / 8 < 8 || (bit / 8 >= 12 && bit / 8 < 16);

            assertThat(check(damaged).equals("accepted")).as("bit %d", bit).isEqualTo(overwritten);
        }
    }

    @Test
    void everyTruncationAndEveryExtraByteIsDetected() {
        byte[] bytes = randomBatch(CompressionType.ZSTD, new Random(6));
        for (int length = 0; length < bytes.length; length++) {
            assertThat(check(Arrays.copyOf(bytes, length)))
                    .as("%d bytes", length)
                    .isEqualTo("MALFORMED_BATCH");
        }
        assertThat(check(Arrays.copyOf(bytes, bytes.length + 1))).isEqualTo("MALFORMED_BATCH");
    }

    @Test
    void eachFaultHasItsReason() {
        assertThat(checkWith(BatchHeader.CONTROL, 1, -1, -1, -1)).isEqualTo("CONTROL_BATCH");
        assertThat(checkWith(BatchHeader.TRANSACTIONAL, 1, 5, 0, 0)).isEqualTo("UNSUPPORTED_BATCH");
        assertThat(checkWith(BatchHeader.LOG_APPEND_TIME, 1, -1, -1, -1))
                .isEqualTo("UNSUPPORTED_BATCH");
        assertThat(checkWith(BatchHeader.DELETE_HORIZON, 1, -1, -1, -1))
                .isEqualTo("UNSUPPORTED_BATCH");
        assertThat(checkWith(5, 1, -1, -1, -1)).isEqualTo("UNSUPPORTED_BATCH");
        assertThat(checkWith(1 << 7, 1, -1, -1, -1)).isEqualTo("UNSUPPORTED_BATCH");
        assertThat(checkWith(1 << 15, 1, -1, -1, -1)).isEqualTo("UNSUPPORTED_BATCH");
        assertThat(checkWith(0, 0, -1, -1, -1)).isEqualTo("RECORD_COUNT_MISMATCH");
        assertThat(checkWith(4, Integer.MIN_VALUE, -1, -1, -1)).isEqualTo("RECORD_COUNT_MISMATCH");
        assertThat(checkWith(0, 1_000, -1, -1, -1)).isEqualTo("RECORD_COUNT_MISMATCH");
        assertThat(checkWith(0, 1, (1L << 62) - 1, 0, 0)).isEqualTo("accepted");
        assertThat(checkWith(0, 1, 1L << 62, 0, 0)).isEqualTo("INVALID_SEQUENCE");
        assertThat(checkWith(0, 1, Long.MAX_VALUE, 0, 0)).isEqualTo("INVALID_SEQUENCE");
        assertThat(checkWith(0, 1, 5, 0, -1)).isEqualTo("INVALID_SEQUENCE");
        assertThat(checkWith(0, 1, 5, -1, 0)).isEqualTo("INVALID_SEQUENCE");
        assertThat(checkWith(0, 1, -1, 0, 0)).isEqualTo("INVALID_SEQUENCE");
        assertThat(checkWith(0, 1, -2, 0, 0)).isEqualTo("INVALID_SEQUENCE");
        assertThat(checkWith(0, 1, 5, 0, 0)).isEqualTo("accepted");
    }

    @Test
    void aCountThatDoesNotFitTheLastOffsetIsRefused() {
        byte[] bytes = batchWith(0, 3, -1, -1, -1, NOW);
        ByteBuffer.wrap(bytes).putInt(57, 2);
        ByteBuffer.wrap(bytes).putInt(17, BatchHeader.computeCrc(bytes, 0, bytes.length));

        assertThat(check(bytes)).isEqualTo("RECORD_COUNT_MISMATCH");
    }

    @Test
    void anOlderMagicIsNotSupported() {
        byte[] bytes = batchWith(0, 1, -1, -1, -1, NOW);
        bytes[16] = 1;

        assertThat(check(bytes)).isEqualTo("UNSUPPORTED_BATCH");
    }

    @Test
    void aTimeIsNotBefore1970() {
        assertThat(check(batchWith(0, 1, -1, -1, -1, -1))).isEqualTo("accepted");
        assertThat(check(batchWith(0, 1, -1, -1, -1, -2))).isEqualTo("MALFORMED_BATCH");
    }

    @Test
    void sizeAndTimeAreBoundedByTheLimits() {
        byte[] bytes = batchWith(0, 1, -1, -1, -1, NOW + 3_600_000);

        assertThat(check(bytes)).isEqualTo("accepted");
        assertThat(check(bytes, new BatchLimits(bytes.length - 1, 3_600_000)))
                .isEqualTo("TOO_LARGE");
        assertThat(check(bytes, new BatchLimits(bytes.length, 3_599_999)))
                .isEqualTo("TIMESTAMP_TOO_FAR_AHEAD");
        assertThat(check(batchWith(0, 1, -1, -1, -1, Long.MAX_VALUE)))
                .isEqualTo("TIMESTAMP_TOO_FAR_AHEAD");
    }

    @Test
    void aLogAppendTimeIsReadByKafkasLibrary() {
        byte[] bytes = randomBatch(CompressionType.GZIP, new Random(8));

        BatchHeader.stampLogAppendTime(bytes, 0, NOW + 5);

        MutableRecordBatch oracle = decode(bytes);
        oracle.ensureValid();
        assertThat(oracle).allMatch(each -> each.timestamp() == NOW + 5);
    }

    private static String check(byte[] bytes) {
        return check(bytes, LIMITS);
    }

    /**
     * Returns the reason's name, or "accepted". The batch is checked in the middle of other bytes.
     */
    private static String check(byte[] bytes, BatchLimits limits) {
        byte[] amid = new byte[bytes.length + 20];
        System.arraycopy(bytes, 0, amid, 9, bytes.length);
        BatchVerdict verdict = BatchValidator.check(amid, 9, bytes.length, limits, NOW);
        return switch (verdict) {
            case BatchVerdict.Accepted() -> "accepted";
            case BatchVerdict.Rejected(var problem) -> {
                assertThat(problem.message()).endsWith(".");
                Reason reason = problem.reason();
                yield reason.name();
            }
        };
    }

    private static String checkWith(
            int attributes, int count, long producerId, int epoch, int sequence) {
        return check(batchWith(attributes, count, producerId, epoch, sequence, NOW));
    }

    private static byte[] batchWith(
            int attributes, int count, long producerId, int epoch, int sequence, long maxTime) {
        byte[] bytes = new byte[100];
        BatchHeader.Fields fields =
                new BatchHeader.Fields(
                        attributes, count, NOW, maxTime, producerId, (short) epoch, sequence);
        BatchHeader.write(bytes, 0, bytes.length, fields);
        return bytes;
    }

    static byte[] randomBatch(CompressionType type, Random random) {
        SimpleRecord[] records = new SimpleRecord[1 + random.nextInt(20)];
        for (int i = 0; i < records.length; i++) {
            byte[] value = new byte[random.nextInt(300)];
            random.nextBytes(value);
            byte[] key = ("key" + i).getBytes(StandardCharsets.UTF_8);
            records[i] = new SimpleRecord(NOW - random.nextInt(10_000), key, value);
        }
        Compression compression = Compression.of(type).build();
        MemoryRecords made =
                random.nextBoolean()
                        ? MemoryRecords.withRecords(compression, records)
                        : MemoryRecords.withIdempotentRecords(
                                compression,
                                random.nextLong(1L << 50),
                                (short) random.nextInt(100),
                                random.nextInt(Integer.MAX_VALUE),
                                records);
        byte[] bytes = new byte[made.sizeInBytes()];
        made.buffer().get(bytes);
        return bytes;
    }

    private static MutableRecordBatch decode(byte[] bytes) {
        return MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches().iterator().next();
    }
}
