package io.millrace.metadata.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.command.Command;
import io.millrace.metadata.state.MetadataState.Sizes;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProducerCapacityTest {

    private static final int MAX = 20_000_000;
    private static final int CAPACITY = 500_000;
    private static final long GIB = 1L << 30;

    private static Optional<Command> raise(int producers, int capacity, long shareBytes) {
        Sizes sizes = new Sizes(0, 0, 0, 0, 0, 0, 0, 0, producers, capacity, 0, 0, 0, 0);
        return ProducerCapacity.raise(sizes, shareBytes, MAX);
    }

    @Test
    void theCapacityIsDoubledBeforeItIsReached() {
        assertThat(raise(374_999, CAPACITY, GIB)).isEmpty();
        assertThat(raise(375_000, CAPACITY, GIB))
                .hasValue(new Command.ProducerCapacityRaised(1_000_000));
    }

    @Test
    void theMemoryOfTheSmallestNodeLimitsTheCapacity() {
        assertThat(raise(CAPACITY, CAPACITY, 100 << 20)).isEmpty();
        assertThat(raise(CAPACITY, CAPACITY, 4L * Sizes.BYTES_PER_PRODUCER * 700_000))
                .hasValue(new Command.ProducerCapacityRaised(700_000));
        assertThat(raise(700_000, 700_000, 4L * Sizes.BYTES_PER_PRODUCER * 700_000)).isEmpty();
    }

    @Test
    void noMemoryRaisesTheCapacityAboveTheMaximum() {
        assertThat(raise(15_000_000, 15_000_000, Long.MAX_VALUE))
                .hasValue(new Command.ProducerCapacityRaised(MAX));
        assertThat(raise(MAX, MAX, Long.MAX_VALUE)).isEmpty();
    }
}
