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
    void timeInWhichNothingWaitsIsNoAbsence() {
        absence.sent(ms(0));
        absence.acknowledged(ms(10));
        absence.sent(ms(60_000));
        absence.acknowledged(ms(60_020));
        assertThat(absence.max(ms(90_000))).isEqualTo(Duration.ofMillis(20));
        assertThat(absence.at(ms(90_000), Optional.empty())).isEmpty();
    }

    @Test
    void timeFromOneAcknowledgementToTheNextIsAbsenceWhileSomethingWaits() {
        absence.sent(ms(0));
        absence.sent(ms(100));
        absence.acknowledged(ms(200));
        absence.acknowledged(ms(700));
        assertThat(absence.max(ms(800))).isEqualTo(Duration.ofMillis(500));
    }

    @Test
    void recordsThatAreGivenUpDoNotEndAnAbsence() {
        absence.sent(ms(0));
        absence.failed();
        absence.sent(ms(3_000));
        assertThat(absence.max(ms(4_000))).isEqualTo(Duration.ofSeconds(4));
        absence.acknowledged(ms(5_000));
        assertThat(absence.max(ms(9_000))).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void itIsSaidAfterASecondThenNowAndThenAndWhenItIsOver() {
        Optional<String> why = Optional.of("connection refused");
        absence.sent(ms(0));
        assertThat(absence.at(ms(999), why)).isEmpty();
        assertThat(absence.at(ms(1_000), why))
                .contains("a:1 has acknowledged nothing for 1.0 s: connection refused");
        assertThat(absence.at(ms(10_999), why)).isEmpty();
        assertThat(absence.at(ms(11_000), Optional.empty()))
                .contains("a:1 has acknowledged nothing for 11.0 s.");
        absence.acknowledged(ms(12_340));
        assertThat(absence.at(ms(12_400), Optional.empty()))
                .contains("a:1 acknowledges again, after 12.3 s.");
        assertThat(absence.at(ms(30_000), Optional.empty())).isEmpty();
    }
}
