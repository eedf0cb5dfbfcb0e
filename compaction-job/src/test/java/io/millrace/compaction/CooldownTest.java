package io.millrace.compaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CooldownTest {

    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);

    private final SimulatedEventLoop loop = new SimulatedEventLoop();

    private void restart(Cooldown<String> cooldown, Duration length) {
        cooldown.start("a");
        loop.advance(length.minusNanos(1));
        assertThat(cooldown.contains("a")).isTrue();
        loop.advance(Duration.ofNanos(1));
        assertThat(cooldown.contains("a")).isFalse();
    }

    @Test
    void aCooldownHasTheSameLengthEachTime() {
        Cooldown<String> cooldown = new Cooldown<>(loop);
        for (int i = 0; i < 3; i++) {
            restart(cooldown, TEN_MINUTES);
        }
    }

    @Test
    void aGrowingCooldownDoublesUpToItsLimit() {
        Cooldown<String> cooldown = Cooldown.growing(loop);
        for (int factor : new int[] {1, 2, 4, 8, 16, 32, 64, 64}) {
            restart(cooldown, TEN_MINUTES.multipliedBy(factor));
            assertThat(cooldown.contains("b")).isFalse();
        }
    }

    @Test
    void aGrowingCooldownStartsAnewAfterAsMuchTimeWithoutAFailure() {
        Cooldown<String> cooldown = Cooldown.growing(loop);
        restart(cooldown, TEN_MINUTES);
        restart(cooldown, TEN_MINUTES.multipliedBy(2));
        loop.advance(TEN_MINUTES.multipliedBy(2));
        restart(cooldown, TEN_MINUTES);
    }
}
