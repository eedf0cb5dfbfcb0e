package io.millrace.compaction.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.compaction.throttle.ProducerLoad.Load;
import io.millrace.runtime.loop.SimulatedEventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MergeRateLimiterTest {

    private static final long BYTES = MergeThrottlePolicy.MIN_BYTES_PER_SECOND;
    private static final int NONE = 0;

    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final MergeMetrics metrics = new MergeMetrics(meters);
    private final SimulatedEventLoop loop = new SimulatedEventLoop();
    private long sent;
    private boolean busy = true;
    private final ProducerLoad producers = () -> new Load(sent++, busy ? 1 : 0.1, 8, 0);

    @Test
    void aSecondsBytesTakeASecondForAll() {
        MergeRateLimiter pace = new MergeRateLimiter(loop, 1000, ProducerLoad.NONE, metrics);
        assertThat(pace.acquire(2000)).isDone();
        CompletableFuture<Void> second = pace.acquire(500);
        CompletableFuture<Void> third = pace.acquire(1);
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
    void idleTimeIsNotSavedUp() {
        MergeRateLimiter pace = new MergeRateLimiter(loop, 1000, ProducerLoad.NONE, metrics);
        assertThat(pace.acquire(1000)).isDone();
        advance(60);
        assertThat(pace.acquire(1000)).isDone();
        assertThat(pace.acquire(1000)).isNotDone();
    }

    @Test
    void withoutALimitNoWriteWaits() {
        MergeRateLimiter pace = new MergeRateLimiter(loop, NONE, ProducerLoad.NONE, metrics);
        assertThat(pace.acquire(Long.MAX_VALUE / 4)).isDone();
        assertThat(pace.acquire(Long.MAX_VALUE / 4)).isDone();
    }

    @Test
    void aThrottledWriteResumesWhenProducersNeedLess() {
        MergeRateLimiter pace = new MergeRateLimiter(loop, NONE, producers, metrics);
        advance(1);
        assertThat(pace.acquire(100 * BYTES)).isDone();
        CompletableFuture<Void> second = pace.acquire(1);
        advance(5);
        assertThat(second).isNotDone();
        busy = false;
        advance(1);
        assertThat(second).isDone();
    }

    @Test
    void producersDoNotRaiseTheLimit() {
        MergeRateLimiter pace = new MergeRateLimiter(loop, 1000, producers, metrics);
        advance(1);
        assertThat(pace.acquire(1000)).isDone();
        CompletableFuture<Void> second = pace.acquire(1);
        advance(0.9);
        assertThat(second).isNotDone();
        advance(0.2);
        assertThat(second).isDone();
    }

    private void advance(double seconds) {
        loop.advance(Duration.ofMillis((long) (seconds * 1000)));
    }
}
