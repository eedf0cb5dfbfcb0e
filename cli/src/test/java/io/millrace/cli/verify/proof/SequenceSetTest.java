package io.millrace.cli.verify.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SequenceSetTest {

    @Test
    void itHoldsWhatWasAddedInWhateverOrder() {
        Random random = new Random(42);
        SequenceSet sequences = new SequenceSet();
        Set<Long> expected = new HashSet<>();
        for (int i = 0; i < 2_000; i++) {
            long number = random.nextInt(1_000);
            assertThat(sequences.add(number)).isEqualTo(expected.add(number));
            assertThat(sequences.size()).isEqualTo(expected.size());
        }
        for (long number = -1; number <= 1_000; number++) {
            assertThat(sequences.contains(number)).isEqualTo(expected.contains(number));
        }
    }
}
