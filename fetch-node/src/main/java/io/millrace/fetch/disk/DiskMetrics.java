package io.millrace.fetch.disk;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The metrics of the disk tier (docs/metrics.md). Any thread. */
public final class DiskMetrics {

    enum DiskReadResult {
        HIT,
        MISS,
        DAMAGED,
        FAILED,
        SKIPPED
    }

    enum DiskWriteResult {
        KEPT,
        FAILED,
        SKIPPED
    }

    private final Map<DiskReadResult, Counter> reads = new EnumMap<>(DiskReadResult.class);
    private final Map<DiskWriteResult, Counter> writes = new EnumMap<>(DiskWriteResult.class);
    private final Counter evicted;
    private final Timer hits;
    private final AtomicLong bytes = new AtomicLong();

    public DiskMetrics(MeterRegistry registry) {
        for (DiskReadResult result : DiskReadResult.values()) {
            reads.put(result, counter(registry, "millrace.fetch.disk.reads", result));
        }
        for (DiskWriteResult result : DiskWriteResult.values()) {
            writes.put(result, counter(registry, "millrace.fetch.disk.writes", result));
        }
        evicted = registry.counter("millrace.fetch.disk.evicted");
        hits = registry.timer("millrace.fetch.disk.load");
        Gauge.builder("millrace.fetch.cache.size", bytes, AtomicLong::get)
                .tag("tier", "disk")
                .baseUnit("bytes")
                .register(registry);
    }

    private static Counter counter(MeterRegistry registry, String name, Enum<?> result) {
        return registry.counter(name, "result", result.name().toLowerCase(Locale.ROOT));
    }

    void read(DiskReadResult result) {
        Counter counter = reads.get(result);
        if (counter != null) {
            counter.increment();
        }
    }

    void hit(long nanos) {
        read(DiskReadResult.HIT);
        hits.record(nanos, TimeUnit.NANOSECONDS);
    }

    void write(DiskWriteResult result) {
        Counter counter = writes.get(result);
        if (counter != null) {
            counter.increment();
        }
    }

    void evicted(int files) {
        evicted.increment(files);
    }

    void bytes(long now) {
        bytes.set(now);
    }
}
