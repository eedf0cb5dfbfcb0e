package io.millrace.compaction.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.millrace.client.partition.TopicPartition;
import io.millrace.client.record.ReadBatch;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.BatchLimits;
import io.millrace.protocol.batch.BatchValidator;
import io.millrace.protocol.batch.BatchVerdict;
import io.millrace.protocol.batch.SealedBatch;
import io.millrace.storage.stream.Slice;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Records of accepted batches, as key compaction and consumers decode them. */
class RecordsFuzzTest {

    private static final BatchLimits LIMITS = new BatchLimits(1 << 20, Long.MAX_VALUE);

    private static boolean isAccepted(byte[] batch) {
        return BatchValidator.check(batch, 0, batch.length, LIMITS, 1) == BatchVerdict.ACCEPTED;
    }

    @FuzzTest(maxDuration = "20m")
    void filteringKeepsOffsetsOfDecodableBatches(byte[] bytes) {
        if (bytes.length < BatchHeader.BYTES) {
            return;
        }
        byte[] batch = SealedBatch.of(bytes);
        if (!isAccepted(batch)) {
            return;
        }
        BatchRecords records = new BatchRecords(new Slice(batch, 0, batch.length), 100);
        List<Long> offsets = new ArrayList<>();
        try {
            records.forEach(record -> offsets.add(record.offset()));
        } catch (RuntimeException undecodable) {
            return;
        }
        Slice kept =
                records.filtered(
                        record -> record.offset() % 2 == 0,
                        records.compression(),
                        OptionalLong.empty());
        List<Long> keptOffsets = new ArrayList<>();
        new BatchRecords(kept, 100).forEach(record -> keptOffsets.add(record.offset()));
        assertThat(keptOffsets)
                .containsExactlyElementsOf(
                        offsets.stream().filter(offset -> offset % 2 == 0).toList());
        assertThat(BatchHeader.offsetCount(kept.array(), kept.offset()))
                .isEqualTo(BatchHeader.offsetCount(batch, 0));
    }

    @FuzzTest(maxDuration = "20m")
    void aConsumerDecodesABatchOrReportsIt(byte[] bytes) {
        if (bytes.length < BatchHeader.BYTES) {
            return;
        }
        byte[] batch = SealedBatch.of(bytes);
        ByteBuffer buffer = ByteBuffer.wrap(batch);
        int length = ReadBatch.lengthAt(buffer, 0);
        assertThat(length).isEqualTo(batch.length);
        ReadBatch read =
                ReadBatch.decodeAt(
                        new TopicPartition("t", 0), buffer, 0, length, 0, Long.MAX_VALUE);
        try {
            read.forEach(record -> {});
        } catch (io.millrace.client.error.MillraceException reported) {
            assertThat(reported.getMessage()).isNotBlank();
        }
    }
}
