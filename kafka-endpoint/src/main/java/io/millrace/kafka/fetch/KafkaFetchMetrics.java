package io.millrace.kafka.fetch;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of fetch sessions and of answers that clients read (docs/metrics.md). Any thread. */
public final class KafkaFetchMetrics {

    private final AtomicInteger sessions = new AtomicInteger();
    private final AtomicInteger partitions = new AtomicInteger();
    private final AtomicLong unreadBytes = new AtomicLong();
    private final Counter evicted;
    private final Counter refused;

    public KafkaFetchMetrics(MeterRegistry registry, FetchLimits limits) {
        gauge(registry, "millrace.kafka.fetch.sessions", sessions);
        gauge(registry, "millrace.kafka.fetch.session.partitions", partitions);
        gauge(
                registry,
                "millrace.kafka.fetch.sessions.limit",
                new AtomicInteger(limits.sessions()));
        gauge(
                registry,
                "millrace.kafka.fetch.session.partitions.limit",
                new AtomicInteger(limits.sessionPartitions()));
        Gauge.builder("millrace.kafka.outbound", unreadBytes, AtomicLong::get)
                .baseUnit("bytes")
                .register(registry);
        this.evicted = registry.counter("millrace.kafka.fetch.sessions.evicted");
        this.refused = registry.counter("millrace.kafka.fetch.sessions.refused");
    }

    private static void gauge(MeterRegistry registry, String name, AtomicInteger value) {
        Gauge.builder(name, () -> value).register(registry);
    }

    void sizes(int sessionsNow, int partitionsNow) {
        sessions.set(sessionsNow);
        partitions.set(partitionsNow);
    }

    /** Counts a session that made room for another one. */
    void evicted() {
        evicted.increment();
    }

    /** Counts a client that gets no session because there is no room. */
    void refused() {
        refused.increment();
    }

    void unread(long bytesNow) {
        unreadBytes.set(bytesNow);
    }
}
