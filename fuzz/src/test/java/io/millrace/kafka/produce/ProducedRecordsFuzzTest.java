package io.millrace.kafka.produce;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.protocol.batch.BatchLimits;
import io.millrace.protocol.batch.BatchValidator;
import io.millrace.protocol.batch.BatchVerdict;
import io.millrace.protocol.batch.SealedBatch;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;

/** Records in Produce requests: what passes both checks is one batch for Kafka too. */
class ProducedRecordsFuzzTest {

    private static final BatchLimits LIMITS = new BatchLimits(1 << 20, 3_600_000);
    private static final short LATEST = 13;

    @FuzzTest(maxDuration = "20m")
    void acceptedRecordsAreOneBatchOfKafka(byte[] bytes) {
        check(bytes);
        if (bytes.length >= BatchHeader.BYTES) {
            check(SealedBatch.of(bytes));
        }
    }

    private static void check(byte[] bytes) {
        ProducedRecords records =
                ProducedRecords.of(MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)));
        records.areTransactional();
        boolean possible = records.problem(LATEST) == Errors.NONE;
        boolean accepted =
                BatchValidator.check(bytes, 0, bytes.length, LIMITS, 1) == BatchVerdict.ACCEPTED;
        if (possible) {
            records.producerId();
            records.producerEpoch();
        }
        if (!accepted) {
            return;
        }
        assertThat(possible).isTrue();
        Iterator<MutableRecordBatch> batches =
                MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches().iterator();
        MutableRecordBatch batch = batches.next();
        batch.ensureValid();
        assertThat(batch.sizeInBytes()).isEqualTo(bytes.length);
        assertThat(batch.producerId()).isEqualTo(records.producerId());
        assertThat(batch.producerEpoch()).isEqualTo(records.producerEpoch());
        assertThat(batch.isTransactional()).isEqualTo(records.areTransactional());
        assertThat(batch.isControlBatch()).isFalse();
        assertThat(batches.hasNext()).isFalse();
    }
}
