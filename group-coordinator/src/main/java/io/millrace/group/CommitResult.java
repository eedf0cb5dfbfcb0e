package io.millrace.group;

import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.protocol.error.Problem;
import java.util.List;

/** The result of an offset commit. */
public sealed interface CommitResult {

    /** One row for each offset, in request order. */
    record Judged(List<RowOutcome> rows) implements CommitResult {
        public Judged {
            rows = List.copyOf(rows);
        }
    }

    /**
     * Nothing was committed, or with OUTCOME_UNKNOWN, the result is unknown. A retry is safe until
     * the member commits again for these partitions.
     */
    record Failed(Problem problem) implements CommitResult {}
}
