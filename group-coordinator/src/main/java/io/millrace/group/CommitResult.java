package io.millrace.group;

import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.protocol.error.Problem;
import java.util.List;

/** The result of an offset commit. */
public sealed interface CommitResult {

    /** One row per offset, in request order: accepted, or the reason for the rejection. */
    record Judged(List<RowOutcome> rows) implements CommitResult {
        public Judged {
            rows = List.copyOf(rows);
        }
    }

    /**
     * No offset was committed; with OUTCOME_UNKNOWN, the result is unknown. A commit may be
     * repeated as long as the member has committed nothing else for these partitions since.
     */
    record Failed(Problem problem) implements CommitResult {}
}
