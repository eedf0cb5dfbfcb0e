package io.millrace.runtime.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration FIRST = Duration.ofMillis(20);
    private static final Duration MAX = Duration.ofSeconds(1);

    private final Backoff jittered = Backoff.jittered(FIRST, MAX, new SplittableRandom(42));
    private final Backoff exact = Backoff.exact(FIRST, MAX);

    @Test
    void thePauseDoublesUpToTheMaximumAndLiesInItsUpperHalf() {
        for (int failures = 1; failures < 100; failures++) {
            Duration whole = exactly(failures);
            assertThat(jittered.pauseAfter(failures))
                    .as("after %d failures", failures)
                    .isBetween(whole.dividedBy(2), whole);
        }
    }

    @Test
    void withoutJitterThePauseIsExact() {
        for (int failures = 1; failures < 100; failures++) {
            assertThat(exact.pauseAfter(failures))
                    .as("after %d failures", failures)
                    .isEqualTo(exactly(failures));
        }
    }

    @Test
    void withoutFailureThePauseIsTheFirst() {
        assertThat(exact.pauseAfter(0)).isEqualTo(FIRST);
        assertThat(jittered.pauseAfter(0)).isBetween(FIRST.dividedBy(2), FIRST);
    }

    @Test
    void callersThatFailTogetherRetryApart() {
        Set<Duration> pauses = new HashSet<>();
        for (int seed = 0; seed < 100; seed++) {
            pauses.add(Backoff.jittered(FIRST, MAX, new SplittableRandom(seed)).pauseAfter(4));
        }
        assertThat(pauses).hasSizeGreaterThan(95);
    }

    @Test
    void longPausesDoNotOverflow() {
        Backoff days = Backoff.exact(Duration.ofDays(1), Duration.ofDays(365));
        assertThat(days.pauseAfter(Integer.MAX_VALUE)).isEqualTo(Duration.ofDays(365));
    }

    @Test
    void aSequenceCountsFailuresUntilItIsReset() {
        BackoffSequence sequence = exact.sequence();
        assertThat(sequence.nextPause()).isEqualTo(FIRST);
        assertThat(sequence.nextPause()).isEqualTo(FIRST.multipliedBy(2));
        sequence.reset();
        assertThat(sequence.nextPause()).isEqualTo(FIRST);
    }

    @Test
    void aMaximumBelowTheFirstPauseIsRejected() {
        assertThatThrownBy(() -> Backoff.exact(MAX, FIRST))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Backoff.exact(Duration.ZERO, FIRST))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Duration exactly(int failures) {
        Duration whole = FIRST.multipliedBy(1L << Math.min(failures - 1, 10));
        return whole.compareTo(MAX) < 0 ? whole : MAX;
    }
}
