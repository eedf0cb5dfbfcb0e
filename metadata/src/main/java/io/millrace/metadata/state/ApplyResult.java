package io.millrace.metadata.state;

import io.millrace.metadata.command.Outcome;
import java.util.List;

/** The result of an applied entry, the same at every node. */
public sealed interface ApplyResult {

    /** The outcomes of the entry's commands, in order. */
    record Outcomes(List<Outcome> outcomes) implements ApplyResult {
        public Outcomes {
            outcomes = List.copyOf(outcomes);
        }
    }

    /**
     * The entry was applied before, and changed nothing.
     *
     * @param outcomes the original outcomes if this is its incarnation's last entry, else none
     */
    record Repeated(List<Outcome> outcomes) implements ApplyResult {
        public Repeated {
            outcomes = List.copyOf(outcomes);
        }
    }

    /**
     * The entry was ignored: its incarnation is closed, or was never opened by an entry with number
     * 1.
     */
    record IgnoredAsClosed() implements ApplyResult {}
}
