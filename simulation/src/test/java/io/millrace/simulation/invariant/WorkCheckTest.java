package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.topic.PartitionId;
import io.millrace.simulation.world.Violations;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class WorkCheckTest {

    private static final PartitionId KEY = new PartitionId(1, 0);

    private final Violations violations = new Violations();
    private final WorkCheck check = new WorkCheck(violations);

    private void processed(long from, long to) {
        for (long offset = from; offset < to; offset++) {
            check.processed(0, KEY, offset);
        }
    }

    private void reset(long offset) {
        check.committed(new SentCommit("a reset", KEY, offset, SentCommit.RESET, "", 0, 0, 0));
    }

    @Test
    void acceptsRepeatedWorkAfterACommit() {
        processed(0, 5);
        processed(2, 8);

        assertThat(violations.first()).isNull();
        assertThat(check.processedTo(KEY)).isEqualTo(8);
    }

    @Test
    void detectsACommitOfUnprocessedRecords() {
        processed(0, 3);
        processed(4, 6);
        check.committed(new SentCommit("commit 1", KEY, 5, 1, "a", 1, 1, 0));

        assertThat(violations.first()).contains("record 3 was not processed");
    }

    @Test
    void detectsRepeatedWorkAfterAProperClose() {
        processed(0, 5);
        check.closed(KEY, 5);
        processed(4, 6);

        assertThat(violations.first()).contains("processed record 4");
    }

    @Test
    void acceptsSkippingDeletedRecords() {
        processed(0, 2);
        check.deleted(KEY, 2, 4);
        processed(4, 5);

        assertThat(check.processedTo(KEY)).isEqualTo(5);
    }

    @Test
    void acceptsAnyReset() {
        processed(0, 5);
        check.closed(KEY, 5);
        reset(2);
        processed(2, 5);
        reset(9);
        processed(9, 10);

        assertThat(violations.first()).isNull();
        assertThat(check.processedTo(KEY)).isEqualTo(10);
    }

    @Test
    void doesNotCountRecordsAfterAResetAsProcessed() {
        reset(3);
        reset(0);
        processed(4, 5);

        assertThat(check.processedTo(KEY)).isEqualTo(3);
    }
}
