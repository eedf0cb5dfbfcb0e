package io.millrace.protocol.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.junit.jupiter.api.Test;

class BatchCursorTest {

    /** Sets consecutive offsets in the batches; returns the offset after the last one. */
    private static long numbered(byte[] batches, long firstOffset) {
        BatchCursor cursor = new BatchCursor(batches, 0, batches.length);
        while (cursor.next()) {
            BatchHeader.setBaseOffset(
                    batches, cursor.position(), firstOffset + cursor.offsetsBefore());
        }
        return firstOffset + cursor.offsetsThroughCurrent();
    }

    @Test
    void offsetsAreGivenOutWithoutGapsAndFoundAgain() {
        for (long seed = 0; seed < 30; seed++) {
            byte[] bytes = batches(1 + (int) (seed % 7), new Random(seed));

            long end = numbered(bytes, 1_000);

            long next = 1_000;
            for (var batch : MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches()) {
                batch.ensureValid();
                assertThat(batch.baseOffset()).as("seed %d", seed).isEqualTo(next);
                next = batch.nextOffset();
            }
            assertThat(end).as("seed %d", seed).isEqualTo(next);
            for (long offset = 1_000; offset < end; offset++) {
                BatchCursor cursor = new BatchCursor(bytes, 0, bytes.length);
                assertThat(cursor.seek(offset - 1_000)).isTrue();
                long base = BatchHeader.baseOffset(bytes, cursor.position());
                assertThat(offset).isBetween(base, base + cursor.offsetCount() - 1);
                assertThat(base).isEqualTo(1_000 + cursor.offsetsBefore());
            }
            BatchCursor after = new BatchCursor(bytes, 0, bytes.length);
            assertThat(after.seek(end - 1_000)).as("seed %d", seed).isFalse();
        }
    }

    @Test
    void aTornLastBatchIsDistinguishedFromTheEnd() {
        byte[] bytes = batches(3, new Random(1));
        BatchCursor whole = new BatchCursor(bytes, 0, bytes.length);
        while (whole.next()) {
            assertThat(whole.crcMatches()).isTrue();
        }
        assertThat(whole.remainingBytes()).isZero();
        int lastSize = whole.sizeBytes();

        for (int missing = 1; missing < lastSize; missing++) {
            BatchCursor torn = new BatchCursor(bytes, 0, bytes.length - missing);
            int count = 0;
            while (torn.next()) {
                count++;
            }
            assertThat(count).isEqualTo(2);
            assertThat(torn.remainingBytes()).isEqualTo(lastSize - missing);
        }
    }

    @Test
    void garbageIsNoBatch() {
        byte[] bytes = batches(2, new Random(2));
        BatchCursor first = new BatchCursor(bytes, 0, bytes.length);
        assertThat(first.next()).isTrue();
        byte[] damaged = bytes.clone();
        Arrays.fill(damaged, first.sizeBytes(), damaged.length, (byte) 0xff);

        BatchCursor cursor = new BatchCursor(damaged, 0, damaged.length);

        assertThat(cursor.next()).isTrue();
        assertThat(cursor.next()).isFalse();
        assertThat(cursor.remainingBytes()).isEqualTo(bytes.length - first.sizeBytes());
        assertThat(cursor.position()).isZero();
    }

    @Test
    void aDamagedBatchFailsItsCrc() {
        byte[] bytes = batches(1, new Random(3));
        bytes[bytes.length - 1] ^= 1;
        BatchCursor cursor = new BatchCursor(bytes, 0, bytes.length);

        assertThat(cursor.next()).isTrue();
        assertThat(cursor.crcMatches()).isFalse();
    }

    private static byte[] batches(int count, Random random) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < count; i++) {
            all.writeBytes(BatchValidatorTest.randomBatch(CompressionType.NONE, random));
        }
        return all.toByteArray();
    }
}
