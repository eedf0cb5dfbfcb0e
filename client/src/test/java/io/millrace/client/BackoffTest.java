package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {

    private static final Duration FIRST = Duration.ofMillis(20);
    private static final Duration LONGEST = Duration.ofSeconds(1);

    private final Backoff backoff = new Backoff(FIRST, LONGEST, new SplittableRandom(42));

    @Test
    void itDoublesUpToItsBoundAndLiesBetweenHalfOfThatAndAllOfIt() {
        for (int failures = 1; failures < 100; failures++) {
            Duration whole = FIRST.multipliedBy(1L << Math.min(failures - 1, 10));
            Duration most = whole.compareTo(LONGEST) < 0 ? whole : LONGEST;
            assertThat(backoff.after(failures))
                    .as("after %d failures", failures)
                    .isBetween(most.dividedBy(2), most);
        }
    }

    @Test
    void withoutFailureItIsThatOfTheFirst() {
        assertThat(backoff.after(0)).isBetween(FIRST.dividedBy(2), FIRST);
    }

    @Test
    void clientsThatFailTogetherComeBackOneByOne() {
        Set<Duration> waits = new HashSet<>();
        for (int seed = 0; seed < 100; seed++) {
            waits.add(new Backoff(FIRST, LONGEST, new SplittableRandom(seed)).after(4));
        }
        assertThat(waits).hasSizeGreaterThan(95);
    }
}
