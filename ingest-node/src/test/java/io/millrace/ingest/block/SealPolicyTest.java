package io.millrace.ingest.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SealPolicyTest {

    private static final IngestSettings SETTINGS =
            IngestSettings.of(IngestSettings.Profile.BALANCED, "c", 64L << 20);

    private final SealPolicy policy = new SealPolicy(SETTINGS);

    @Test
    void aBlockIsFullAtItsTargetSizeOrItsCountOfBatches() {
        assertThat(policy.fullReason((8 << 20) - 1, 9_999)).isNull();
        assertThat(policy.fullReason(8 << 20, 1)).isEqualTo(SealReason.SIZE);
        assertThat(policy.fullReason(1, 10_000)).isEqualTo(SealReason.COUNT);
    }

    @Test
    void theLingerGrowsWithUploadsFromTheLeastToTheProfiles() {
        SealPolicy quick =
                new SealPolicy(IngestSettings.of(IngestSettings.Profile.LATENCY, "c", 64L << 20));
        assertThat(quick.lingerNanos(0, 0)).isEqualTo(Duration.ofMillis(1).toNanos());
        for (int uploads = 1; uploads < SETTINGS.maxUploads(); uploads++) {
            assertThat(quick.lingerNanos(uploads, 0))
                    .isGreaterThan(quick.lingerNanos(uploads - 1, 0));
        }
        assertThat(quick.lingerNanos(SETTINGS.maxUploads() - 1, 0))
                .isEqualTo(Duration.ofMillis(50).toNanos());
    }

    @Test
    void theBalancedWaitForTheUploadBeforeThemOrTheWholeLinger() {
        assertThat(policy.lingerNanos(0, 0)).isEqualTo(Duration.ofMillis(1).toNanos());
        for (int uploads = 1; uploads < SETTINGS.maxUploads(); uploads++) {
            assertThat(policy.lingerNanos(uploads, 0)).isEqualTo(Duration.ofMillis(100).toNanos());
        }
    }

    @Test
    void lingerGrowsWithRateUpToATenthOfABlock() {
        assertThat(policy.lingerNanos(0, 100_000)).isLessThan(Duration.ofMillis(2).toNanos());
        assertThat(policy.lingerNanos(0, 419_430)).isEqualTo(Duration.ofMillis(25).toNanos());
        assertThat(policy.lingerNanos(0, 838_860)).isEqualTo(Duration.ofMillis(100).toNanos());
        assertThat(policy.lingerNanos(0, 64 << 20)).isEqualTo(Duration.ofMillis(100).toNanos());
    }

    @Test
    void onlyTheLatencyProfileSealsIdleBlocksAndOnlyWithoutAnUpload() {
        SealPolicy quick =
                new SealPolicy(IngestSettings.of(IngestSettings.Profile.LATENCY, "c", 64L << 20));
        assertThat(quick.idleNanos(0)).isEqualTo(Duration.ofMillis(1).toNanos());
        assertThat(quick.idleNanos(1)).isEqualTo(SealPolicy.NO_TIME_LIMIT);
        assertThat(policy.idleNanos(0)).isEqualTo(SealPolicy.NO_TIME_LIMIT);
    }

    @Test
    void onlyTheLatencyProfileSealsABlockThatHasAllProducersAndOnlyWithoutAnUpload() {
        SealPolicy quick =
                new SealPolicy(IngestSettings.of(IngestSettings.Profile.LATENCY, "c", 64L << 20));
        assertThat(quick.hasAllProducers(0, 5, 5)).isTrue();
        assertThat(quick.hasAllProducers(0, 4, 5)).isFalse();
        assertThat(quick.hasAllProducers(1, 5, 5)).isFalse();
        assertThat(policy.hasAllProducers(0, 5, 5)).isFalse();
    }

    @Test
    void longerLingerWins() {
        SealPolicy quick =
                new SealPolicy(IngestSettings.of(IngestSettings.Profile.LATENCY, "c", 64L << 20));
        assertThat(quick.lingerNanos(2, 1 << 20)).isEqualTo(quick.lingerNanos(2, 0));
        assertThat(quick.lingerNanos(2, 3 << 20)).isEqualTo(quick.lingerNanos(0, 3 << 20));
    }

    @Test
    void economyProfileNeverSealsEarly() {
        SealPolicy economy =
                new SealPolicy(IngestSettings.of(IngestSettings.Profile.ECONOMY, "c", 128L << 20));
        assertThat(economy.lingerNanos(0, 0)).isEqualTo(Duration.ofMillis(500).toNanos());
    }

    @Test
    void aBlockThatWaitedForLessThanTheWholeLingerIsSealedEarly() {
        assertThat(policy.lingerReason(policy.lingerNanos(0, 1 << 19))).isEqualTo(SealReason.EARLY);
        assertThat(policy.lingerReason(policy.lingerNanos(0, 1 << 20)))
                .isEqualTo(SealReason.LINGER);
    }

    @Test
    void noBlockIsSealedByTimeWhileItCouldNotBeUploaded() {
        assertThat(policy.lingerNanos(SETTINGS.maxUploads(), 1 << 20))
                .isEqualTo(SealPolicy.NO_TIME_LIMIT);
    }
}
