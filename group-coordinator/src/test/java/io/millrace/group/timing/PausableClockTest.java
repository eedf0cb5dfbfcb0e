package io.millrace.group.timing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PausableClockTest {

    private final PausableClock clock = new PausableClock();
    private long nowNanos = 1_000;

    @Test
    void timeThatPassesCounts() {
        pass(100, true);
        for (int i = 0; i < 30; i++) {
            pass(100, true);
        }
        assertThat(clock.now()).isEqualTo(30);
    }

    @Test
    void clockStandsStillWhileNodeIsNotLive() {
        pass(100, true);
        pass(100, true);
        pass(100, false);
        for (int i = 0; i < 100; i++) {
            pass(100, false);
        }
        pass(100, true);
        assertThat(clock.now()).isLessThanOrEqualTo(2);
    }

    @Test
    void processPauseDoesNotCountAsMemberSilence() {
        pass(100, true);
        pass(60_000, true);
        assertThat(clock.now()).isEqualTo(5);
    }

    @Test
    void aDeadlineIsNeverEarlyHoweverFarTheTickIsGone() {
        pass(100, true);
        pass(199, true);
        long deadline = clock.after(Duration.ofMillis(1000));
        long setNanos = nowNanos;
        while (clock.now() < deadline) {
            pass(1, true);
        }
        assertThat(nowNanos - setNanos).isBetween(1_000_000_000L, 1_200_000_000L);
    }

    private void pass(long millis, boolean mayRun) {
        nowNanos += millis * 1_000_000;
        clock.advance(nowNanos, mayRun);
    }
}
