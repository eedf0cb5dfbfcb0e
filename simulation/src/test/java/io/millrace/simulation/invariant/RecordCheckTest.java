package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.Violations;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class RecordCheckTest {

    private static final PartitionName PLACE = new PartitionName("t", 0);

    private final Violations violations = new Violations();
    private final RecordCheck check =
            new RecordCheck(new SimulatedEventLoop(), new Trace(null), violations);
    private final long first = check.reserveValues(PLACE, 3);

    private void read(long... values) {
        for (int i = 0; i < values.length; i++) {
            check.read(0, PLACE, i, i, values[i]);
        }
    }

    @Test
    void acceptsRecordsAtTheirAcknowledgedOffsets() {
        check.acknowledged(PLACE, first, 3, 0);
        read(first, first + 1, first + 2);
        check.checkEnd(Set.of());

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsAMissingAcknowledgedRecord() {
        check.acknowledged(PLACE, first, 3, 0);
        read(first, first + 1);
        check.checkEnd(Set.of());

        assertThat(violations.first()).contains("was acknowledged but is missing");
    }

    @Test
    void detectsADuplicateRecord() {
        read(first, first + 1, first);

        assertThat(violations.first()).contains("is at offset 0 and at 2");
    }

    @Test
    void acceptsACopyForEachAttempt() {
        check.attempted(first, 1);
        check.attempted(first, 1);
        read(first, first);
        check.acknowledged(PLACE, first, 1, 1);
        check.checkEnd(Set.of());

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsMoreCopiesThanAttempts() {
        check.attempted(first, 1);
        read(first, first);

        assertThat(violations.first()).contains("is stored 2 times, but only 1 attempts");
    }

    @Test
    void detectsACopyOfARejectedAttempt() {
        check.attempted(first, 1);
        check.attempted(first, 1);
        read(first, first);
        check.attemptRejected(first, 1);

        assertThat(violations.first()).contains("is stored 2 times, but only 1 attempts");
    }

    @Test
    void detectsAnOffsetAcknowledgedTwice() {
        check.acknowledged(PLACE, first, 1, 7);
        check.acknowledged(PLACE, first + 1, 1, 7);

        assertThat(violations.first()).contains("offset 7");
    }

    @Test
    void detectsAGap() {
        check.read(0, PLACE, 0, 1, first);

        assertThat(violations.first()).contains("received offset 1 instead of 0");
    }

    @Test
    void detectsAStoredRejectedRecord() {
        check.rejected(PLACE, first, 1);
        read(first);

        assertThat(violations.first()).contains("was rejected, but is at offset 0");
    }

    @Test
    void detectsARecordThatWasNotSent() {
        read(first + 3);

        assertThat(violations.first()).contains("was not sent there");
    }
}
