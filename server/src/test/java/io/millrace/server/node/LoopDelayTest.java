package io.millrace.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoopDelayTest {

    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    @BeforeEach
    void register() {
        LoopDelay.register(loop, registry);
    }

    private double delay() {
        return registry.get("millrace.loop.delay").gauge().value();
    }

    @Test
    void aRunningLoopHasNoDelay() {
        assertThat(delay()).isZero();
        loop.runReady();
        loop.advance(Duration.ofSeconds(15));
        assertThat(delay()).isZero();
    }

    @Test
    void theDelayOfAStuckLoopGrowsAndEndsWithTheNextProbe() {
        delay();
        // The task of another component holds the loop: time passes and the probe does not run.
        loop.stall(Duration.ofSeconds(15));
        assertThat(delay()).isEqualTo(15);
        loop.stall(Duration.ofSeconds(15));
        assertThat(delay()).isEqualTo(30);
        loop.runReady();
        assertThat(delay()).isEqualTo(30);
        loop.runReady();
        assertThat(delay()).isZero();
    }
}
