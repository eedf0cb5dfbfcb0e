package io.millrace.simulation.invariant;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.simulation.invariant.RecordCheck.PartitionName;
import io.millrace.simulation.workload.KeyedBatches;
import io.millrace.simulation.workload.KeyedBatches.ParsedBatch;
import io.millrace.simulation.workload.KeyedBatches.ParsedRecord;
import io.millrace.simulation.world.Violations;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Tests that the model detects violations of key compaction. */
final class CompactedLogModelTest {

    private static final long LAG_MS = 100;
    private static final long DELETE_RETENTION_MS = 1000;
    private static final long NONE = -1;

    /** An incarnation with the right time. */
    private static final long INCARNATION = 3;

    /** An incarnation whose clock is far ahead. */
    private static final long WITH_WRONG_CLOCK = 4;

    private static final long OTHER_CLOCK_AHEAD_MS = 5000;

    /** All records in use at a time have the same key. */
    private final KeyedBatches content = new KeyedBatches(1);

    private final Violations violations = new Violations();
    private long nowMs = 10_000;
    private final CompactedLogModel log =
            new CompactedLogModel(
                    new PartitionName("t", 0),
                    content,
                    new CompactedLogModel.Clocks() {
                        @Override
                        public long nowMs() {
                            return nowMs;
                        }

                        @Override
                        public long earliest(long trueMs) {
                            return trueMs;
                        }

                        @Override
                        public long latest(long trueMs) {
                            return trueMs + OTHER_CLOCK_AHEAD_MS;
                        }

                        @Override
                        public long latestNowMs(long incarnation) {
                            return incarnation == WITH_WRONG_CLOCK ? latest(nowMs) : nowMs;
                        }
                    },
                    violations);

    /** The numbers of a value and of a tombstone of one key, in that order. */
    private final long value;

    private final long tombstone;

    CompactedLogModelTest() {
        log.configured(LAG_MS, DELETE_RETENTION_MS, Long.MAX_VALUE);
        long number = 0;
        while (KeyedBatches.isTombstone(number)
                || !KeyedBatches.isTombstone(number + 1)
                || content.key(number) != content.key(number + 1)) {
            number++;
        }
        value = number;
        tombstone = number + 1;
    }

    private ParsedRecord found(long offset, long number) {
        return new ParsedRecord(offset, number, 10_000, true);
    }

    /** Writes the value and the tombstone to offsets 0 and 1. */
    private void write() {
        log.appended(
                nowMs,
                List.of(
                        new ParsedBatch(
                                0, 2, NONE, List.of(found(0, value), found(1, tombstone)))));
        nowMs += LAG_MS;
    }

    /** Rewrites the range and keeps the records at the given offsets. */
    private void rewrite(long entry, long horizonMs, Long... stay) {
        rewriteBy(INCARNATION, entry, horizonMs, stay);
    }

    private void rewriteBy(long incarnation, long entry, long horizonMs, Long... stay) {
        Set<Long> staying = new HashSet<>(List.of(stay));
        List<ParsedRecord> records = new ArrayList<>();
        for (long offset = 0; offset < 2; offset++) {
            if (staying.contains(offset)) {
                records.add(found(offset, value + offset));
            }
        }
        log.rewritten(entry, incarnation, 0, 2, List.of(new ParsedBatch(0, 2, horizonMs, records)));
    }

    @Test
    void acceptsRemovalsInTime() {
        write();
        rewrite(5, nowMs + DELETE_RETENTION_MS, 1L);
        nowMs += DELETE_RETENTION_MS;
        rewrite(6, NONE);
        log.checkComplete(0, 0, Map.of());

        assertThat(violations.first()).isNull();
        assertThat(log.removed()).isEqualTo(2);
    }

    @Test
    void detectsRemovalOfTheNewestRecord() {
        write();
        rewrite(5, NONE, 0L);

        assertThat(violations.first()).contains("was removed, but no newer record");
    }

    @Test
    void detectsRemovalBeforeTheLag() {
        write();
        nowMs -= 1;
        rewrite(5, NONE, 1L);

        assertThat(violations.first()).contains("before its lag of 100 ms");
    }

    @Test
    void detectsRemovalOfATombstoneBeforeItsHorizon() {
        write();
        rewrite(5, nowMs + DELETE_RETENTION_MS, 1L);
        nowMs += DELETE_RETENTION_MS - 1;
        rewrite(6, NONE);

        assertThat(violations.first()).contains("before its horizon");
    }

    @Test
    void acceptsAnEarlyRemovalByTheNodeWhoseClockIsAhead() {
        write();
        rewrite(5, nowMs + DELETE_RETENTION_MS, 1L);
        rewriteBy(WITH_WRONG_CLOCK, 6, NONE);

        assertThat(violations.first()).isNull();
    }

    @Test
    void detectsAHorizonSetBeforeTheDeletedRecordsAreRemoved() {
        write();
        long horizonMs = nowMs + DELETE_RETENTION_MS;
        rewrite(5, horizonMs, 0L, 1L);
        nowMs = horizonMs;
        rewrite(6, horizonMs, 1L);
        rewrite(7, NONE);

        assertThat(violations.first()).contains("but the horizon of");
    }

    @Test
    void detectsAHorizonThatIsTooEarly() {
        write();
        rewrite(5, NONE, 1L);
        rewrite(6, nowMs + DELETE_RETENTION_MS - RemovalCheck.MAX_PASS_MS - 1, 1L);
        nowMs += DELETE_RETENTION_MS;
        rewrite(7, NONE);

        assertThat(violations.first()).contains("has its horizon too early");
    }

    @Test
    void detectsATombstoneRemovedTogetherWithItsRecords() {
        write();
        rewrite(5, nowMs + DELETE_RETENTION_MS, 0L, 1L);
        nowMs += DELETE_RETENTION_MS;
        rewrite(6, NONE);

        assertThat(violations.first()).contains("no newer record");
    }

    @Test
    void detectsRestoredAndChangedRecords() {
        write();
        rewrite(5, NONE, 1L);
        rewrite(6, NONE, 0L, 1L);

        assertThat(violations.first()).contains("where no such record is present");
    }

    @Test
    void recordsRemovedByKeyNeedNotBeOldForATrim() {
        log.configured(LAG_MS, DELETE_RETENTION_MS, 1000);
        nowMs = 10_900;
        ParsedRecord young = new ParsedRecord(0, value, nowMs, true);
        log.appended(
                nowMs, List.of(new ParsedBatch(0, 2, NONE, List.of(young, found(1, tombstone)))));
        nowMs = 11_000;
        assertThat(log.mayTrimTo(2, INCARNATION)).isFalse();

        rewrite(5, NONE, 1L);

        assertThat(violations.first()).isNull();
        assertThat(log.mayTrimTo(2, INCARNATION)).isTrue();
    }

    @Test
    void detectsAReaderThatMissesAPresentRecord() {
        write();
        log.checkAbsent(0, 1);

        assertThat(violations.first()).contains("did not receive");
    }

    @Test
    void detectsAReaderThatMissesATombstone() {
        write();
        log.checkComplete(0, 0, Map.of(content.key(value), 0L));

        assertThat(violations.first()).contains("has offset 0 of a key");
    }
}
