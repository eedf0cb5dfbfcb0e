package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.loop.SimulatedEventLoop;
import io.millrace.simulation.invariant.RecordCheck.Place;
import io.millrace.simulation.world.Trace;
import io.millrace.simulation.world.Violations;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests that the check detects violations. */
final class RecordCheckTest {

    private static final Place PLACE = new Place("t", 0);

    private final Violations violations = new Violations();
    private final RecordCheck check =
            new RecordCheck(new SimulatedEventLoop(), new Trace(null), violations);
    private final long first = check.newValues(PLACE, 3);

    private void read(long... values) {
        for (int i = 0; i < values.length; i++) {
            check.read(0, PLACE, i, i, values[i]);
        }
    }

    @Test
    void findsNothingWrongWithRecordsThatAreWhereTheyWerePromised() {
        check.acknowledged(PLACE, first, 3, 0);
        read(first, first + 1, first + 2);
        check.atTheEnd(Set.of());

        assertThat(violations.first()).isNull();
    }

    @Test
    void seesAnAcknowledgedRecordThatIsMissing() {
        check.acknowledged(PLACE, first, 3, 0);
        read(first, first + 1);
        check.atTheEnd(Set.of());

        assertThat(violations.first()).contains("was acknowledged but is missing");
    }

    @Test
    void seesARecordThatIsThereTwice() {
        read(first, first + 1, first);

        assertThat(violations.first()).contains("is at offset 0 and at 2");
    }

    @Test
    void seesTwoRecordsThatWerePromisedOneOffset() {
        check.acknowledged(PLACE, first, 1, 7);
        check.acknowledged(PLACE, first + 1, 1, 7);

        assertThat(violations.first()).contains("offset 7");
    }

    @Test
    void seesAHole() {
        check.read(0, PLACE, 0, 1, first);

        assertThat(violations.first()).contains("received offset 1 instead of 0");
    }

    @Test
    void seesARecordThatWasRefusedAndIsThere() {
        check.rejected(PLACE, first, 1);
        read(first);

        assertThat(violations.first()).contains("was rejected, but is at offset 0");
    }

    @Test
    void seesARecordThatNobodySent() {
        read(first + 3);

        assertThat(violations.first()).contains("was not sent there");
    }
}
