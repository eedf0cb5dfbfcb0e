package io.millrace.compaction.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.compaction.merge.ProducerLoad.Load;
import io.millrace.runtime.loop.SimulatedLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceTest {

    private static final long BYTES = Deference.LEAST_BYTES_PER_SECOND;
    private static final int NONE = 0;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final MergeMetrics metrics = new MergeMetrics(meters);
    private final SimulatedLoop loop = new SimulatedLoop();
    private long sent;
    private boolean busy = true;
    private final ProducerLoad producers = () -> new Load(sent++, busy ? 1 : 0.1, 0);

    @Test
    void aSecondsBytesTakeASecondForAll() {
        Pace pace = new Pace(loop, 1000, ProducerLoad.NONE, metrics);
        assertThat(pace.take(2000)).isDone();
        CompletableFuture<Void> second = pace.take(500);
        CompletableFuture<Void> third = pace.take(1);
        advance(1.9);
        assertThat(second).isNotDone();
        advance(0.2);
        assertThat(second).isDone();
        assertThat(third).isNotDone();
        advance(0.5);
        assertThat(third).isDone();
        assertThat(meters.get("millrace.merge.wait").timer().totalTime(TimeUnit.MILLISECONDS))
                .isCloseTo(4500, within(1.0));
    }

    @Test
    void timeThatNobodyUsedIsNotSavedUp() {
        Pace pace = new Pace(loop, 1000, ProducerLoad.NONE, metrics);
        assertThat(pace.take(1000)).isDone();
        advance(60);
        assertThat(pace.take(1000)).isDone();
        assertThat(pace.take(1000)).isNotDone();
    }

    @Test
    void withoutABoundNobodyWaits() {
        Pace pace = new Pace(loop, NONE, ProducerLoad.NONE, metrics);
        assertThat(pace.take(Long.MAX_VALUE / 4)).isDone();
        assertThat(pace.take(Long.MAX_VALUE / 4)).isDone();
    }

    @Test
    void whoWaitsForProducersGoesOnWhenTheyNeedLess() {
        Pace pace = new Pace(loop, NONE, producers, metrics);
        advance(1);
        assertThat(pace.take(100 * BYTES)).isDone();
        CompletableFuture<Void> second = pace.take(1);
        advance(5);
        assertThat(second).isNotDone();
        busy = false;
        advance(1);
        assertThat(second).isDone();
    }

    @Test
    void producersMakeNobodyFasterThanHeMayBe() {
        Pace pace = new Pace(loop, 1000, producers, metrics);
        advance(1);
        assertThat(pace.take(1000)).isDone();
        CompletableFuture<Void> second = pace.take(1);
        advance(0.9);
        assertThat(second).isNotDone();
        advance(0.2);
        assertThat(second).isDone();
    }

    private void advance(double seconds) {
        loop.advance(Duration.ofMillis((long) (seconds * 1000)));
    }
}
