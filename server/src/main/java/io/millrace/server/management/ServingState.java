package io.millrace.server.management;

import io.millrace.server.health.HealthFacts;
import io.millrace.server.health.HealthFacts.Phase;
import jakarta.inject.Singleton;
import java.util.function.Supplier;

/** The phase of the process, and the facts about its health. Any thread. */
@Singleton
public final class ServingState {

    private volatile Supplier<HealthFacts> facts = () -> HealthFacts.of(Phase.STARTING);

    /**
     * Reports the end of the start.
     *
     * @param ofNode the supplier of facts, which does not block
     */
    public void started(Supplier<HealthFacts> ofNode) {
        facts = ofNode;
    }

    /** Reports the beginning of the stop. */
    public void stopping() {
        facts = () -> HealthFacts.of(Phase.STOPPING);
    }

    HealthFacts facts() {
        return facts.get();
    }
}
