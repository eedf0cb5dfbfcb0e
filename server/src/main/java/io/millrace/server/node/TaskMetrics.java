package io.millrace.server.node;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * The metrics of the tasks of an event loop (docs/metrics.md). Counts only long tasks, because most
 * tasks are shorter than the count itself.
 */
final class TaskMetrics implements LongConsumer {

    private static final long MIN_NANOS = 1_000_000;

    private final Timer tasks;

    TaskMetrics(MeterRegistry registry) {
        tasks = registry.timer("millrace.loop.task");
    }

    @Override
    public void accept(long nanos) {
        if (nanos >= MIN_NANOS) {
            tasks.record(nanos, TimeUnit.NANOSECONDS);
        }
    }
}
