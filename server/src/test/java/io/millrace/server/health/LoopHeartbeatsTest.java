package io.millrace.server.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class LoopHeartbeatsTest {

    @Test
    void theSilenceOfAStuckLoopGrowsUntilItRunsATask() throws Exception {
        DefaultEventLoop running = new DefaultEventLoop();
        DefaultEventLoop stuck = new DefaultEventLoop();
        CountDownLatch release = new CountDownLatch(1);
        AtomicLong nanos = new AtomicLong();
        try {
            stuck.execute(() -> {
                try {
                    release.await();
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                }
            });
            LoopHeartbeats beats = new LoopHeartbeats(List.of(running, stuck), nanos::get);
            assertThat(beats.silence()).isZero();
            nanos.set(Duration.ofSeconds(41).toNanos());
            assertThat(beats.silence()).isEqualTo(Duration.ofSeconds(40));

            release.countDown();

            long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!beats.silence().isZero()) {
                assertThat(System.nanoTime() - endNanos).as("time left").isNegative();
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        } finally {
            release.countDown();
            running.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            stuck.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
