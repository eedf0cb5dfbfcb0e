package io.millrace.metadata.state;

import io.millrace.metadata.command.Outcome;
import java.util.List;

/** The result of an applied entry, the same on every node. */
public sealed interface ApplyResult {

    /** The outcomes of the commands, in order. */
    record Outcomes(List<Outcome> outcomes) implements ApplyResult {
        public Outcomes {
            outcomes = List.copyOf(outcomes);
        }
    }

    /**
     * The entry was applied before.
     *
     * @param outcomes the original outcomes of its incarnation's last entry; else empty
     */
    record Repeated(List<Outcome> outcomes) implements ApplyResult {
        public Repeated {
            outcomes = List.copyOf(outcomes);
        }
    }

    /** The entry was ignored: its incarnation is closed, or did not start with entry 1. */
    record IgnoredAsClosed() implements ApplyResult {}
}
