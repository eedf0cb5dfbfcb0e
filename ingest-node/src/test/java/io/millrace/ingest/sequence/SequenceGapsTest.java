package io.millrace.ingest.sequence;

import static io.millrace.ingest.sequence.SequenceGaps.GapVerdict.OUT_OF_ORDER;
import static io.millrace.ingest.sequence.SequenceGaps.GapVerdict.REPEAT;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SequenceGapsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final ProducerSequence SEQUENCE = sequence(1);

    private long nowNanos = Long.MAX_VALUE - PATIENCE.toNanos();

    @Test
    void aGapIsRepeatedUntilThePatienceEnds() {
        SequenceGaps gaps = gaps(10);
        assertThat(gaps.report(SEQUENCE)).isEqualTo(REPEAT);
        pass(PATIENCE.minusNanos(1));
        assertThat(gaps.report(SEQUENCE)).isEqualTo(REPEAT);
        pass(Duration.ofNanos(1));
        assertThat(gaps.report(SEQUENCE)).isEqualTo(OUT_OF_ORDER);
    }

    @Test
    void aGapThatClosedStartsAgain() {
        SequenceGaps gaps = gaps(10);
        gaps.report(SEQUENCE);
        pass(PATIENCE);
        gaps.appended(SEQUENCE);
        assertThat(gaps.report(SEQUENCE)).isEqualTo(REPEAT);
    }

    @Test
    void aGapWithoutReportsIsForgotten() {
        SequenceGaps gaps = gaps(10);
        gaps.report(SEQUENCE);
        pass(PATIENCE.plusNanos(1));
        assertThat(gaps.report(SEQUENCE)).isEqualTo(REPEAT);
    }

    @Test
    void aNewEpochHasItsOwnPatience() {
        SequenceGaps gaps = gaps(10);
        gaps.report(SEQUENCE);
        pass(PATIENCE);
        assertThat(gaps.report(new ProducerSequence(1, 0, 1, (short) 1))).isEqualTo(REPEAT);
        assertThat(gaps.report(SEQUENCE)).isEqualTo(OUT_OF_ORDER);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 100})
    void noProducerIsOutOfOrderEarlyAndTheTableStaysWithinItsLimit(int maxGaps) {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            SequenceGaps gaps = gaps(maxGaps);
            Map<ProducerSequence, long[]> open = new HashMap<>();
            for (int i = 0; i < 500; i++) {
                pass(Duration.ofMillis(random.nextInt(6_000)));
                ProducerSequence sequence = sequence(random.nextInt(10));
                if (random.nextInt(8) == 0) {
                    gaps.appended(sequence);
                    open.remove(sequence);
                    continue;
                }
                long[] gap = open.get(sequence);
                if (gap == null || nowNanos - gap[1] > PATIENCE.toNanos()) {
                    gap = new long[] {nowNanos, nowNanos};
                }
                gap[1] = nowNanos;
                open.put(sequence, gap);
                boolean patient = nowNanos - gap[0] < PATIENCE.toNanos();
                SequenceGaps.GapVerdict verdict = gaps.report(sequence);
                String which = "seed %d, step %d".formatted(seed, i);
                if (patient) {
                    assertThat(verdict).as(which).isEqualTo(REPEAT);
                } else if (maxGaps >= 10) {
                    assertThat(verdict).as(which).isEqualTo(OUT_OF_ORDER);
                }
                assertThat(gaps.size()).as(which).isBetween(1, maxGaps);
            }
        }
    }

    private static ProducerSequence sequence(long producerId) {
        return new ProducerSequence(1, 0, producerId, (short) 0);
    }

    private SequenceGaps gaps(int maxGaps) {
        return new SequenceGaps(PATIENCE, maxGaps, () -> nowNanos);
    }

    private void pass(Duration time) {
        nowNanos += time.toNanos();
    }
}
