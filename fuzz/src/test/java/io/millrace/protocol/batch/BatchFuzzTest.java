package io.millrace.protocol.batch;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Batches of producers, as they arrive at an ingest node. */
class BatchFuzzTest {

    private static final BatchLimits LIMITS = new BatchLimits(1 << 20, 3_600_000);
    private static final long MAX_PLAIN_BYTES = 1 << 20;

    @FuzzTest(maxDuration = "20m")
    void aBatchIsAcceptedOrRejected(byte[] bytes) {
        assertThat(BatchValidator.check(bytes, 0, bytes.length, LIMITS, 1)).isNotNull();
        if (bytes.length >= BatchHeader.BYTES) {
            byte[] sealed = SealedBatch.of(bytes);
            boolean accepted =
                    BatchValidator.check(sealed, 0, sealed.length, LIMITS, 1)
                            == BatchVerdict.ACCEPTED;
            BatchCursor cursor = new BatchCursor(sealed, 0, sealed.length);
            if (accepted) {
                assertThat(cursor.next()).isTrue();
                assertThat(cursor.crcMatches()).isTrue();
                assertThat(cursor.sizeBytes()).isEqualTo(sealed.length);
                assertThat(cursor.offsetCount()).isPositive();
                assertThat(cursor.next()).isFalse();
            }
        }
    }

    @FuzzTest(maxDuration = "20m")
    void aCursorStaysWithinItsBytes(byte[] bytes) {
        BatchCursor cursor = new BatchCursor(bytes, 0, bytes.length);
        long end = 0;
        while (cursor.next()) {
            assertThat(cursor.position()).isEqualTo((int) end);
            end += cursor.sizeBytes();
            assertThat(end).isLessThanOrEqualTo(bytes.length);
        }
    }

    @FuzzTest(maxDuration = "20m")
    void aScanOfRecordsEndsOrFails(byte[] bytes) {
        int count = bytes.length == 0 ? 0 : bytes[0] & 0xff;
        RecordScan scan = new RecordScan(new ByteArrayInputStream(bytes), count, MAX_PLAIN_BYTES);
        int records = 0;
        try {
            while (scan.next()) {
                records++;
            }
            assertThat(records).isEqualTo(count);
        } catch (IOException malformed) {
            assertThat(records).isLessThanOrEqualTo(count);
        }
    }

    @FuzzTest(maxDuration = "20m")
    void snappyBlocksAreMeasuredWithoutDecoding(byte[] bytes) {
        SnappyBlocks.areWithin(bytes, 0, bytes.length, 1 << 20);
    }
}
