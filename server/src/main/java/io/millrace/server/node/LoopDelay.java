package io.millrace.server.node;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.runtime.loop.EventLoop;
import java.util.concurrent.RejectedExecutionException;

/**
 * A gauge of the time that a task waits for an event loop (docs/metrics.md). Each reading sends a
 * probe to the loop, at most one at a time, and returns the wait of the last probe; while a probe
 * waits, its age. So the gauge grows while the loop is stuck, which no timer of finished tasks
 * shows. Any thread.
 */
final class LoopDelay {

    private final EventLoop loop;
    private boolean waiting;
    private long sentNanos;
    private long lastDelayNanos;

    private LoopDelay(EventLoop loop) {
        this.loop = loop;
    }

    static void register(EventLoop loop, MeterRegistry registry) {
        Gauge.builder("millrace.loop.delay", new LoopDelay(loop), LoopDelay::seconds)
                .baseUnit("seconds")
                .strongReference(true)
                .register(registry);
    }

    private synchronized double seconds() {
        long nowNanos = loop.nanoTime();
        double delayNanos = waiting ? nowNanos - sentNanos : lastDelayNanos;
        if (!waiting) {
            waiting = true;
            sentNanos = nowNanos;
            try {
                loop.execute(this::answered);
            } catch (RejectedExecutionException ended) {
                waiting = false;
            }
        }
        return delayNanos / 1e9;
    }

    private synchronized void answered() {
        waiting = false;
        lastDelayNanos = loop.nanoTime() - sentNanos;
    }
}
