package io.millrace.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class AckStallMonitorTest {

    private final AckStallMonitor absence = new AckStallMonitor("a:1");

    private static long ms(long milliseconds) {
        return TimeUnit.MILLISECONDS.toNanos(milliseconds);
    }

    @Test
    void timeWithoutPendingRecordsIsNotAStall() {
        absence.sent(ms(0));
        absence.acknowledged(ms(10));
        absence.sent(ms(60_000));
        absence.acknowledged(ms(60_020));
        assertThat(absence.max(ms(90_000))).isEqualTo(Duration.ofMillis(20));
        assertThat(absence.update(ms(90_000), Optional.empty())).isEmpty();
    }

    @Test
    void timeBetweenAcknowledgementsIsAStallWhileRecordsArePending() {
        absence.sent(ms(0));
        absence.sent(ms(100));
        absence.acknowledged(ms(200));
        absence.acknowledged(ms(700));
        assertThat(absence.max(ms(800))).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void failedRecordsDoNotEndAStall() {
        absence.sent(ms(0));
        absence.failed();
        absence.sent(ms(3_000));
        assertThat(absence.max(ms(4_000))).isEqualTo(Duration.ofSeconds(4));
        absence.acknowledged(ms(5_000));
        assertThat(absence.max(ms(9_000))).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void aStallIsReportedAfterASecondThenPeriodicallyAndAtItsEnd() {
        Optional<String> why = Optional.of("connection refused");
        absence.sent(ms(0));
        assertThat(absence.update(ms(999), why)).isEmpty();
        assertThat(absence.update(ms(1_000), why))
                .contains("a:1 has acknowledged nothing for 1.0 s: connection refused");
        assertThat(absence.update(ms(10_999), why)).isEmpty();
        assertThat(absence.update(ms(11_000), Optional.empty()))
                .contains("a:1 has acknowledged nothing for 11.0 s.");
        absence.acknowledged(ms(12_340));
        assertThat(absence.update(ms(12_400), Optional.empty()))
                .contains("a:1 acknowledges again, after 12.3 s.");
        assertThat(absence.update(ms(30_000), Optional.empty())).isEmpty();
    }

    @Test
    void eachPauseIsReportedOnceAtItsEnd() {
        absence.sent(ms(0));
        assertThat(absence.drainEnded()).isEmpty();
        absence.acknowledged(ms(99));
        absence.sent(ms(1_000));
        absence.acknowledged(ms(1_100));
        absence.acknowledged(ms(5_000));
        assertThat(absence.drainEnded())
                .containsExactly(new AckStallMonitor.Pause(ms(1_100), Duration.ofMillis(100)));
        assertThat(absence.drainEnded()).isEmpty();
    }
}
