package io.millrace.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SealPolicyTest {

    private static final IngestSettings SETTINGS =
            IngestSettings.of(IngestSettings.Profile.BALANCED, "c", 64L << 20);

    private final SealPolicy policy = new SealPolicy(SETTINGS);

    @Test
    void aBlockIsFullAtItsTargetSizeOrItsCountOfBatches() {
        assertThat(policy.fullBecause((8 << 20) - 1, 9_999)).isNull();
        assertThat(policy.fullBecause(8 << 20, 1)).isEqualTo(SealReason.SIZE);
        assertThat(policy.fullBecause(1, 10_000)).isEqualTo(SealReason.COUNT);
    }

    @Test
    void theLingerGrowsWithUploadsFromTheLeastToTheProfiles() {
        assertThat(policy.lingerNanos(0)).isEqualTo(Duration.ofMillis(1).toNanos());
        for (int uploads = 1; uploads < SETTINGS.maxUploads(); uploads++) {
            assertThat(policy.lingerNanos(uploads)).isGreaterThan(policy.lingerNanos(uploads - 1));
        }
        assertThat(policy.lingerNanos(SETTINGS.maxUploads() - 1))
                .isEqualTo(Duration.ofMillis(100).toNanos());
    }

    @Test
    void noBlockIsSealedByTimeWhileItCouldNotBeUploaded() {
        assertThat(policy.lingerNanos(SETTINGS.maxUploads())).isEqualTo(SealPolicy.NO_LINGER_ENDS);
    }
}
