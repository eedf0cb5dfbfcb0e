package io.millrace.metadata.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SizeWarningTest {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final SizeWarning warning = new SizeWarning(loop, 1_000);

    @Test
    void warnsAboveFourFifthsOfTheShareOnceAMinute() {
        assertThat(warning.check(800)).isFalse();
        assertThat(warning.check(801)).isTrue();
        assertThat(warning.check(5_000)).isFalse();

        loop.advance(Duration.ofMinutes(1));

        assertThat(warning.check(800)).isFalse();
        assertThat(warning.check(801)).isTrue();
    }
}
