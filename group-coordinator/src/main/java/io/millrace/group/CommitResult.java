package io.millrace.group;

import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.protocol.error.Problem;
import java.util.List;

/** What became of a commit of offsets. */
public sealed interface CommitResult {

    /** One row for each offset, in order: it counts, or why not. */
    record Judged(List<RowOutcome> rows) implements CommitResult {
        public Judged {
            rows = List.copyOf(rows);
        }
    }

    /**
     * None counts; or, with OUTCOME_UNKNOWN, nobody knows. Repeating a commit does no harm as long
     * as the member has not committed anything else for these partitions since.
     */
    record Failed(Problem problem) implements CommitResult {}
}
