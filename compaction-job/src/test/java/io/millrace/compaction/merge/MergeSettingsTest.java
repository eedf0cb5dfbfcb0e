package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MergeSettingsTest {

    private static final long SEGMENT = 1L << 30;

    @Test
    void partsTakeMostOfTheMemoryAndWithWhatIsReadAndWaitsNoMoreThanThereIs() {
        MergeSettings settings = withMemory(48L << 20);
        assertThat(Math.ceilDiv(SEGMENT, settings.partBytes())).isLessThanOrEqualTo(28);
        assertThat(settings.windowBytes() + settings.partBytes() + settings.aheadBytes())
                .isLessThanOrEqualTo(48L << 20);
        assertThat(settings.aheadBytes()).isPositive();
    }

    @Test
    void besideKeysThatMemoryHoldsTheKeysToo() {
        MergeSettings settings = withMemory(48L << 20).besideKeys();
        long written = settings.partBytes() + settings.aheadBytes();
        assertThat(settings.windowBytes() + written + settings.keyBytes())
                .isLessThanOrEqualTo(48L << 20);
    }

    @Test
    void aPartIsAsLargeAsS3Demands() {
        assertThat(withMemory(1).partBytes()).isGreaterThan(5 << 20);
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
