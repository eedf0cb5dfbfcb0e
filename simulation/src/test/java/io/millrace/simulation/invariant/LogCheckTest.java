package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.Violations;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class LogCheckTest {

    private final Violations violations = new Violations();
    private final LogCheck check =
            new LogCheck(new SimulatedEventLoop(), new Trace(null), violations, entry -> {});

    @Test
    void acceptsNodesThatAgree() {
        for (int node = 0; node < 2; node++) {
            check.entry(node, 1, new byte[] {1}, -1);
            check.applied(node, 1, 17);
        }

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsASkippedEntry() {
        check.entry(0, 2, new byte[] {1}, -1);

        assertThat(violations.first()).contains("received entry 2 after entry -1");
    }

    @Test
    void detectsADifferentOrder() {
        check.entry(0, 1, new byte[] {1}, -1);
        check.entry(1, 1, new byte[] {2}, -1);

        assertThat(violations.first()).contains("a different entry 1");
    }

    @Test
    void detectsADifferentState() {
        check.applied(0, 1, 17);
        check.applied(1, 1, 18);

        assertThat(violations.first()).contains("digest");
    }
}
