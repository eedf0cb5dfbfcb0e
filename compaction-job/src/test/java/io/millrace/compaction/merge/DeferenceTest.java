package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.compaction.merge.ProducerLoad.Load;
import org.junit.jupiter.api.Test;

class DeferenceTest {

    private static final long FREE = Long.MAX_VALUE;
    private static final long MIB = 1 << 20;

    private final Deference deference = new Deference(new Load(0, 0, 0));
    private long sent;

    @Test
    void mergesGiveWayToProducersWhoUseWhatThereIs() {
        assertThat(look(800, 0.97, 0.1)).isEqualTo(50 * MIB);
        assertThat(look(400, 0.99, 0.1)).isEqualTo(25 * MIB);
    }

    @Test
    void theyStandStillForNobody() {
        assertThat(look(1, 1, 0)).isEqualTo(Deference.LEAST_BYTES_PER_SECOND);
    }

    @Test
    void theyTakeWhatNoProducerUses() {
        assertThat(look(800, 0.8, 0.1)).isEqualTo(FREE);
        assertThat(look(0, 1, 0.1)).as("busy with something else").isEqualTo(FREE);
    }

    @Test
    void theyKeepUpBeforeProducersAreSlowedDown() {
        assertThat(look(800, 1, 0.49)).isEqualTo(50 * MIB);
        assertThat(look(800, 1, 0.5)).isEqualTo(FREE);
    }

    @Test
    void aMomentWithAnIdleProcessorIsNoLeisure() {
        assertThat(look(800, 0.8, 0)).isEqualTo(FREE);
        assertThat(look(800, 0.9, 0)).isLessThan(FREE);
        assertThat(look(800, 0.8, 0)).isLessThan(FREE);
        assertThat(look(800, 0.6, 0)).isEqualTo(FREE);
    }

    @Test
    void theyGoOnForAWhileIfItWasThemselvesWhoUsedIt() {
        assertThat(look(80, 0.9, 0)).isLessThan(FREE);
        assertThat(look(80, 0.3, 0)).isEqualTo(FREE);
        for (int i = 1; i < Deference.PATIENCE; i++) {
            assertThat(look(80, 0.9, 0)).isEqualTo(FREE);
        }
        assertThat(look(80, 0.9, 0)).isLessThan(FREE);
    }

    /** A second later. */
    private long look(long sentMib, double busy, double backlog) {
        sent += sentMib * MIB;
        return deference.bytesPerSecond(new Load(sent, busy, backlog), 1);
    }
}
