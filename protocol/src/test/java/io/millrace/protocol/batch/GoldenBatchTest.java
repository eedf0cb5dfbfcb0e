package io.millrace.protocol.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.junit.jupiter.api.Test;

/** Verifies the batch format of docs/formats.md. The files were written by a Python program. */
class GoldenBatchTest {

    private static final long BASE_TIME = 1_700_000_000_000L;

    @Test
    void theHeaderIsReadAsTheSpecificationSays() {
        byte[] golden = golden("two-records");

        assertThat(BatchHeader.sizeBytes(golden, 0)).isEqualTo(golden.length);
        assertThat(BatchHeader.Fields.of(golden, 0))
                .isEqualTo(
                        new BatchHeader.Fields(
                                0, 2, BASE_TIME, BASE_TIME + 1500, 4711, (short) 3, 99));
        assertThat(BatchHeader.crc(golden, 0))
                .isEqualTo(BatchHeader.computeCrc(golden, 0, golden.length));
        assertThat(
                        BatchValidator.check(
                                golden,
                                0,
                                golden.length,
                                new BatchLimits(1000, 0),
                                BASE_TIME + 1500))
                .isEqualTo(BatchVerdict.ACCEPTED);
    }

    @Test
    void theHeaderIsWrittenAsTheSpecificationSays() {
        byte[] golden = golden("two-records");
        byte[] written = new byte[golden.length];
        System.arraycopy(golden, 61, written, 61, golden.length - 61);

        BatchHeader.write(
                written,
                0,
                written.length,
                new BatchHeader.Fields(0, 2, BASE_TIME, BASE_TIME + 1500, 4711, (short) 3, 99));

        assertThat(written).isEqualTo(golden);
    }

    @Test
    void aServedBatchHasItsOffsetAndTheTimeOfAppending() {
        byte[] batch = golden("two-records");

        BatchHeader.stampLogAppendTime(batch, 0, BASE_TIME + 9999);
        BatchHeader.setBaseOffset(batch, 0, 1000);

        assertThat(batch).isEqualTo(golden("two-records-served"));
    }

    @Test
    void kafkasLibraryReadsTheSameRecords() {
        MutableRecordBatch batch =
                MemoryRecords.readableRecords(ByteBuffer.wrap(golden("two-records")))
                        .batches()
                        .iterator()
                        .next();
        batch.ensureValid();
        List<String> records = new ArrayList<>();
        batch.forEach(each ->
                records.add(
                        "%d@%d %s=%s %d headers"
                                .formatted(
                                        each.offset(),
                                        each.timestamp() - BASE_TIME,
                                        each.hasKey() ? text(each.key()) : "null",
                                        each.hasValue() ? text(each.value()) : "null",
                                        each.headers().length)));

        assertThat(records).containsExactly("0@0 k1=hello 0 headers", "1@1500 null=null 2 headers");
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    private static byte[] golden(String name) {
        try (InputStream in =
                Objects.requireNonNull(
                        GoldenBatchTest.class.getResourceAsStream("/batch/" + name + ".hex"))) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }
}
