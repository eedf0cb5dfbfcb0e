package io.millrace.cli.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class AgreementTest {

    @Test
    void inALongPartitionADifferenceIsFoundAndItsPlaceIsNarrowedDown() {
        int records = 1_000_000;
        int different = 700_001;
        Agreement agreement = new Agreement(0);
        for (long next = 1; next <= records; next++) {
            assertThat(agreement.at(next, next * 31, next == records)).isNull();
        }
        Violation found = null;
        for (long next = 1; next <= records && found == null; next++) {
            found = agreement.at(next, next * 31 + (next > different ? 1 : 0), next == records);
        }
        Objects.requireNonNull(found, "nothing was found");
        assertThat(found.kind()).isEqualTo(Violation.Kind.DISAGREEMENT);
        assertThat(found.offset()).isBetween(different - 8192L, (long) different);
    }

    @Test
    void theEndIsAlwaysCompared() {
        Agreement agreement = new Agreement(0);
        for (long next = 1; next <= 100_001; next++) {
            assertThat(agreement.at(next, next, next == 100_001)).isNull();
        }
        assertThat(agreement.at(100_001, 5, true)).isNotNull();
    }
}
