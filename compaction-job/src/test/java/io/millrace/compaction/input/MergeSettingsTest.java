package io.millrace.compaction.input;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.storage.object.MultipartUpload;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MergeSettingsTest {

    private static final long SEGMENT = 1L << 30;

    @Test
    void partsTakeMostOfTheMemoryAndWithWhatIsReadAndWaitsNoMoreThanThereIs() {
        MergeSettings settings = withMemory(48L << 20);
        WriteMemory written = written(settings);
        assertThat(Math.ceilDiv(SEGMENT, written.partBytes())).isLessThanOrEqualTo(28);
        assertThat(settings.windowBytes() + written.partBytes() + written.aheadBytes())
                .isLessThanOrEqualTo(48L << 20);
        assertThat(written.aheadBytes()).isPositive();
    }

    @Test
    void besideKeysThatMemoryHoldsTheKeysAndTheWindowsOfTwo() {
        MergeSettings settings = withMemory(48L << 20).withKeyTable();
        long written = written(settings).partBytes() + written(settings).aheadBytes();
        int inputs = settings.maxInputs();
        long windows = 2L * inputs * settings.windowBytes(inputs);
        assertThat(2 * windows + written + settings.keyBytes()).isLessThanOrEqualTo(48L << 20);
    }

    @Test
    void aPartIsAsLargeAsS3Demands() {
        assertThat(written(withMemory(1)).partBytes()).isGreaterThan(5 << 20);
    }

    @Test
    void whereTheBucketTakesSmallPartsLittleMemoryMakesSmallParts() {
        assertThat(WriteMemory.of(1, 300)).isEqualTo(new WriteMemory(300, 300, 0));
        assertThat(WriteMemory.of(1_000, 300)).isEqualTo(new WriteMemory(300, 600, 400));
    }

    private static WriteMemory written(MergeSettings settings) {
        return WriteMemory.of(settings.writeBytes(), MultipartUpload.MIN_PART_BYTES);
    }

    private static MergeSettings withMemory(long memoryBytes) {
        return MergeSettings.of(
                64L << 20,
                Duration.ofMinutes(10),
                256,
                SEGMENT,
                memoryBytes,
                0,
                Duration.ofSeconds(5));
    }
}
