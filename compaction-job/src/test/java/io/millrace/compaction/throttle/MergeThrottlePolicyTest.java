package io.millrace.compaction.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.throttle.ProducerLoad.Load;
import org.junit.jupiter.api.Test;

class MergeThrottlePolicyTest {

    private static final long FREE = Long.MAX_VALUE;
    private static final long MIB = 1 << 20;

    private final MergeThrottlePolicy deference = new MergeThrottlePolicy(new Load(0, 0, 8, 0));
    private long sent;
    private int processors = 8;

    @Test
    void mergesGiveWayToProducersWhoUseWhatThereIs() {
        assertThat(check(800, 0.97, 0.1)).isEqualTo(50 * MIB);
        assertThat(check(400, 0.99, 0.1)).isEqualTo(25 * MIB);
    }

    @Test
    void throttledMergesKeepAMinimumRate() {
        assertThat(check(1, 1, 0)).isEqualTo(MergeThrottlePolicy.MIN_BYTES_PER_SECOND);
    }

    @Test
    void mergesUseSpareProcessors() {
        assertThat(check(800, 0.8, 0.1)).isEqualTo(FREE);
        assertThat(check(0, 1, 0.1)).as("busy with something else").isEqualTo(FREE);
    }

    @Test
    void mergesAreNotThrottledWithALargeBacklog() {
        assertThat(check(800, 1, 0.49)).isEqualTo(50 * MIB);
        assertThat(check(800, 1, 0.5)).isEqualTo(FREE);
    }

    @Test
    void aSlightlyLowerLoadDoesNotEndThrottling() {
        assertThat(check(800, 0.8, 0)).isEqualTo(FREE);
        assertThat(check(800, 0.9, 0)).isLessThan(FREE);
        assertThat(check(800, 0.8, 0)).isLessThan(FREE);
        assertThat(check(800, 0.6, 0)).isEqualTo(FREE);
    }

    @Test
    void mergesLeaveAboutOneProcessorIdle() {
        processors = 2;
        assertThat(check(800, 0.55, 0)).isEqualTo(FREE);
        assertThat(check(800, 0.65, 0)).isLessThan(FREE);
        assertThat(check(800, 0.45, 0)).isLessThan(FREE);
        assertThat(check(800, 0.35, 0)).isEqualTo(FREE);
    }

    @Test
    void mergesOnOneProcessorUseIdleTime() {
        processors = 1;
        assertThat(check(800, 0.35, 0)).isEqualTo(FREE);
        assertThat(check(800, 0.5, 0)).isLessThan(FREE);
    }

    @Test
    void mergesReturnToFullSpeedIfTheyCausedTheLoad() {
        assertThat(check(80, 0.9, 0)).isLessThan(FREE);
        assertThat(check(80, 0.3, 0)).isEqualTo(FREE);
        for (int i = 1; i < MergeThrottlePolicy.FULL_SPEED_UPDATES; i++) {
            assertThat(check(80, 0.9, 0)).isEqualTo(FREE);
        }
        assertThat(check(80, 0.9, 0)).isLessThan(FREE);
    }

    /** Returns the rate one second later. */
    private long check(long sentMib, double busy, double backlog) {
        sent += sentMib * MIB;
        return deference.bytesPerSecond(new Load(sent, busy, processors, backlog), 1);
    }
}
