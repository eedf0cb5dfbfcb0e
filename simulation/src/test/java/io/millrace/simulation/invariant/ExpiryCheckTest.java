package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.command.Command;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.world.Violations;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class ExpiryCheckTest {

    private static final Duration LIFE = Duration.ofSeconds(60);

    private final SimulatedEventLoop world = new SimulatedEventLoop();
    private final Violations violations = new Violations();
    private final ExpiryCheck check = new ExpiryCheck(world, LIFE, violations);

    private void append(Command command) {
        check.entry(List.of(command));
    }

    @Test
    void acceptsAnExpiryAfterTheLife() {
        append(new Command.TopicCreated("t", 1, Map.of()));
        world.advance(LIFE);
        append(new Command.ProducersExpired(1));

        assertThat(violations.first()).isNull();
        assertThat(check.expiries()).isEqualTo(1);
    }

    @Test
    void detectsAnExpiryBeforeTheLife() {
        append(new Command.TopicCreated("t", 1, Map.of()));
        world.advance(LIFE.minusMillis(1));
        append(new Command.ProducersExpired(1));

        assertThat(violations.first()).contains("expire after 59999 ms, but live for 60000 ms");
    }

    @Test
    void detectsTheExpiryOfALaterEntry() {
        append(new Command.ProducersExpired(2));

        assertThat(violations.first()).contains("which is not applied");
    }
}
