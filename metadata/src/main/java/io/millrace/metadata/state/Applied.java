package io.millrace.metadata.state;

import io.millrace.metadata.command.Outcome;
import java.util.List;

/** What the state machine made of an entry: the same at every node. */
public sealed interface Applied {

    /** One outcome for each command, in order. */
    record Outcomes(List<Outcome> outcomes) implements Applied {
        public Outcomes {
            outcomes = List.copyOf(outcomes);
        }
    }

    /**
     * It was applied before and changed nothing now.
     *
     * @param outcomes those of the first time if it is its incarnation's last entry, else none
     */
    record Repeated(List<Outcome> outcomes) implements Applied {
        public Repeated {
            outcomes = List.copyOf(outcomes);
        }
    }

    /**
     * Its incarnation is closed, or was never opened by an entry with number 1. Nothing changed.
     */
    record Closed() implements Applied {}
}
