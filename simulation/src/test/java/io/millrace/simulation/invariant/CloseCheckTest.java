package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.group.CommitResult;
import io.millrace.metadata.command.Outcome.RowOutcome;
import io.millrace.metadata.topic.PartitionId;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.world.Violations;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class CloseCheckTest {

    private static final PartitionId KEY = new PartitionId(1, 0);
    private static final long PROCESS = 7;
    private static final CommitResult COUNTS =
            new CommitResult.Judged(List.of(new RowOutcome.Accepted()));

    private final Violations violations = new Violations();
    private final CommitCheck commits =
            new CommitCheck(
                    new SimulatedEventLoop(),
                    (what, who, key, offset) -> {},
                    violations,
                    counts -> {});
    private final CloseCheck check = new CloseCheck(violations, commits);
    private long number;
    private long entry;

    private SentCommit sent() {
        return commits.sent(KEY, 10, PROCESS, "a", ++number, OneLease.GENERATION);
    }

    private void counts(SentCommit commit) {
        commits.applied(0, OneLease.of(KEY, commit), ++entry);
    }

    @Test
    void acceptsAStartAtTheClosingCommit() {
        SentCommit close = sent();
        check.closes(close);
        counts(close);
        check.assigned(KEY, PROCESS, close.text());
        check.answered(close, COUNTS);

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsAStartBeforeTheClosingCommit() {
        SentCommit before = sent();
        counts(before);
        SentCommit close = sent();
        check.closes(close);
        check.assigned(KEY, PROCESS, before.text());
        counts(close);
        check.answered(close, COUNTS);

        assertThat(violations.first()).contains("was assigned the partition again");
    }

    @Test
    void detectsARejectedClosingCommit() {
        SentCommit close = sent();
        check.closes(close);
        check.answered(
                close,
                new CommitResult.Judged(
                        List.of(new RowOutcome.Rejected(Reason.PARTITION_NOT_LEASED))));

        assertThat(violations.first()).contains("released the partition after it");
    }

    @Test
    void acceptsAFailedClosingCommitOfUnknownOutcome() {
        SentCommit close = sent();
        check.closes(close);
        check.answered(
                close,
                new CommitResult.Failed(
                        new Problem(Reason.OUTCOME_UNKNOWN, "The outcome is unknown.")));

        assertThat(violations.first()).isNull();
    }
}
