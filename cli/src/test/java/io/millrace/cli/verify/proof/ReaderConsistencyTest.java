package io.millrace.cli.verify.proof;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReaderConsistencyTest {

    private static final int RECORDS = 1_000_000;

    private final ReaderConsistency agreement = new ReaderConsistency(0);

    /**
     * Reads a range of records; the record at one offset differs from other readers' (-1 for none).
     */
    private @Nullable Violation read(long from, long until, long different) {
        ReaderDigest sight = new ReaderDigest(agreement, from);
        for (long offset = from; offset < until; offset++) {
            Violation wrong = sight.add(offset, 0, offset == different ? 1 : 0);
            if (wrong != null) {
                return wrong;
            }
        }
        return sight.compare(until);
    }

    @Test
    void inALongPartitionADifferenceIsFoundAndItsPlaceIsNarrowedDown() {
        int different = 700_001;
        assertThat(read(0, RECORDS, -1)).isNull();
        assertThat(read(0, RECORDS, -1)).isNull();
        Violation found = read(0, RECORDS, different);
        Objects.requireNonNull(found, "nothing was found");
        assertThat(found.kind()).isEqualTo(Violation.Kind.DISAGREEMENT);
        assertThat(found.offset()).isBetween(different - 8192L, (long) different);
    }

    @Test
    void theEndIsAlwaysCompared() {
        assertThat(read(0, 100_001, -1)).isNull();
        assertThat(read(0, 100_001, 100_000)).isNotNull();
    }

    @Test
    void aReaderThatBeginsLaterComparesFromTheNextPlaceOn() {
        assertThat(read(0, RECORDS, -1)).isNull();
        assertThat(read(123_457, RECORDS, -1)).isNull();
        assertThat(read(123_457, RECORDS, 700_001)).isNotNull();
    }

    @Test
    void aReaderThatReadsWhileThePartitionGrowsComparesAllTheSame() {
        ReaderDigest first = new ReaderDigest(agreement, 0);
        ReaderDigest second = new ReaderDigest(agreement, 0);
        for (long offset = 0; offset < RECORDS; offset++) {
            assertThat(first.add(offset, 0, 0)).isNull();
            assertThat(second.add(offset, 0, 0)).isNull();
        }
        assertThat(read(0, RECORDS, 700_001)).isNotNull();
    }
}
