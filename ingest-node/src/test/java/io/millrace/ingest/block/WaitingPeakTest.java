package io.millrace.ingest.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WaitingPeakTest {

    private static final long START = 7_000;

    private final WaitingPeak peak = new WaitingPeak(Duration.ofNanos(100), START);

    @Test
    void thePeakIsTheLargestNumberOfThisAndThePreviousPeriod() {
        assertThat(peak.record(3, START)).isEqualTo(3);
        assertThat(peak.record(5, START + 50)).isEqualTo(5);
        assertThat(peak.record(1, START + 99)).isEqualTo(5);
        assertThat(peak.record(2, START + 100)).isEqualTo(5);
        assertThat(peak.record(1, START + 200)).isEqualTo(2);
    }

    @Test
    void aPeakIsForgottenAfterAPauseOfTwoPeriods() {
        assertThat(peak.record(5, START)).isEqualTo(5);
        assertThat(peak.record(1, START + 200)).isEqualTo(1);
    }
}
