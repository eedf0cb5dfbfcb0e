package io.millrace.group.lag;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class PartitionLagTest {

    private static final long NOW = 1_000;

    private final TrimmedLog log = new TrimmedLog(0, List.of(100L, 200L, 300L));

    private static PartitionLag lag(long records, long ageMs) {
        return new PartitionLag(records, OptionalLong.of(ageMs));
    }

    @Test
    void aGroupAtTheEndHasNone() {
        assertThat(PartitionLag.of(30, log, NOW)).isEqualTo(lag(0, 0));
    }

    @Test
    void anOffsetBehindTheEndIsNoLagEither() {
        assertThat(PartitionLag.of(31, log, NOW)).isEqualTo(lag(0, 0));
    }

    @Test
    void theAgeIsThatOfTheExtentWithTheFirstUnreadRecord() {
        assertThat(PartitionLag.of(0, log, NOW)).isEqualTo(lag(30, 900));
        assertThat(PartitionLag.of(9, log, NOW)).isEqualTo(lag(21, 900));
        assertThat(PartitionLag.of(10, log, NOW)).isEqualTo(lag(20, 800));
    }

    @Test
    void whatRetentionRemovedIsNotWaitedFor() {
        TrimmedLog trimmed = new TrimmedLog(15, List.of(100L, 200L, 300L));
        assertThat(PartitionLag.of(2, trimmed, NOW)).isEqualTo(lag(15, 800));
    }

    @Test
    void aGroupThatCommittedNothingIsBehindByAllThatIsKept() {
        TrimmedLog trimmed = new TrimmedLog(15, List.of(100L, 200L, 300L));
        assertThat(PartitionLag.of(Optional.empty(), trimmed, NOW))
                .isEqualTo(new PartitionLag(15, OptionalLong.empty()));
    }

    @Test
    void aClockThatIsBehindMakesNoNegativeAge() {
        assertThat(PartitionLag.of(0, log, 50)).isEqualTo(lag(30, 0));
    }

    @Test
    void recordsWithoutATimeHaveNoAge() {
        TrimmedLog timeless = new TrimmedLog(0, List.of(-1L));
        assertThat(PartitionLag.of(0, timeless, NOW))
                .isEqualTo(new PartitionLag(10, OptionalLong.empty()));
    }
}
