package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.Violations;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class SendOrderCheckTest {

    private static final PartitionName PLACE = new PartitionName("t", 0);

    private final Violations violations = new Violations();
    private final RecordCheck records =
            new RecordCheck(new SimulatedEventLoop(), new Trace(null), violations);
    private final SendOrderCheck check = new SendOrderCheck(records, violations);
    private final long first = records.reserveValues(PLACE, 4);

    private void store(long... values) {
        for (int i = 0; i < values.length; i++) {
            records.read(0, PLACE, i, i, values[i]);
        }
        check.checkEnd(List.of(PLACE));
    }

    @Test
    void acceptsRecordsInTheOrderOfSending() {
        check.sent(check.newSender(), first, 3);
        store(first, first + 1, first + 2);

        assertThat(violations.first()).isNull();
    }

    @Test
    void acceptsAnyOrderAmongProducers() {
        check.sent(check.newSender(), first, 2);
        check.sent(check.newSender(), first + 2, 2);
        store(first + 2, first, first + 3, first + 1);

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsRecordsInAnotherOrder() {
        check.sent(check.newSender(), first, 3);
        store(first, first + 2, first + 1);

        assertThat(violations.first()).contains("is stored after %d".formatted(first + 2));
    }

    @Test
    void acceptsAnAbandonedBatchThatArrivesLate() {
        check.sent(check.newSender(), first, 3);
        check.mayBeLate(first, 1);
        store(first + 1, first, first + 2);

        assertThat(violations.first()).isNull();
    }
}
