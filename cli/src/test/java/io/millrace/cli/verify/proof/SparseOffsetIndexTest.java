package io.millrace.cli.verify.proof;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SparseOffsetIndexTest {

    private final SparseOffsetIndex trail = new SparseOffsetIndex();

    @Test
    void theIndexIsExactForFewRecords() {
        for (int i = 0; i < 64; i++) {
            trail.add(2L * i, 5L * i);
        }
        for (int i = 0; i < 64; i++) {
            assertThat(trail.offsetLowerBound(2L * i)).isEqualTo(5L * i);
            assertThat(trail.offsetLowerBound(2L * i + 1)).isEqualTo(5L * i);
        }
        assertThat(trail.offsetLowerBound(-1)).isEqualTo(-1);
    }

    @Test
    void theIndexOfManyRecordsGivesACloseLowerBound() {
        int records = 1_000_000;
        for (int i = 0; i < records; i++) {
            trail.add(i, 3L * i);
        }
        for (int i = 0; i < records; i += 999) {
            assertThat(trail.offsetLowerBound(i)).isBetween(3L * (i - records / 16), 3L * i);
        }
    }
}
