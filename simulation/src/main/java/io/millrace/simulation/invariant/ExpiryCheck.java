package io.millrace.simulation.invariant;

import io.millrace.metadata.command.Command;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.simulation.world.Violations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Checks that no producer expires before its life without writes is over. */
public final class ExpiryCheck {

    private final EventLoop world;
    private final Duration producerLife;
    private final Violations violations;
    private final List<Long> appliedNanos = new ArrayList<>();
    private long expiries;

    public ExpiryCheck(EventLoop world, Duration producerLife, Violations violations) {
        this.world = world;
        this.producerLife = producerLife;
        this.violations = violations;
    }

    /** Notes the next entry of the log, when the first node has applied the entry. */
    public void entry(List<Command> commands) {
        for (Command command : commands) {
            if (command instanceof Command.ProducersExpired(long unchangedSince)) {
                expired(unchangedSince);
            }
        }
        appliedNanos.add(world.nanoTime());
    }

    private void expired(long unchangedSince) {
        expiries++;
        if (unchangedSince < 1 || unchangedSince > appliedNanos.size()) {
            violations.check(
                    unchangedSince < 1,
                    "producers expire that are unchanged since entry %d, which is not applied",
                    unchangedSince);
            return;
        }
        Duration idle =
                Duration.ofNanos(
                        world.nanoTime() - appliedNanos.get(Math.toIntExact(unchangedSince - 1)));
        violations.check(
                idle.compareTo(producerLife) >= 0,
                "producers unchanged since entry %d expire after %d ms, but live for %d ms",
                unchangedSince,
                idle.toMillis(),
                producerLife.toMillis());
    }

    /** Returns the life of a producer without writes. */
    public Duration producerLife() {
        return producerLife;
    }

    public long expiries() {
        return expiries;
    }
}
