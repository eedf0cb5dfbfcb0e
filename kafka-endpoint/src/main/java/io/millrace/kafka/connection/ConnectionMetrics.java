package io.millrace.kafka.connection;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.millrace.metadata.membership.KafkaListener;
import io.millrace.protocol.quota.QuotaKind;
import io.millrace.runtime.metrics.RequestBuckets;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/**
 * The meters of the connections of a Kafka listener, and those of each API, which all listeners
 * share (docs/metrics.md). Any thread.
 */
public final class ConnectionMetrics {

    private final MeterRegistry registry;
    private final AtomicInteger open;
    private final Counter malformed;
    private final Counter refused;
    private final Counter inbound;
    private final Counter outbound;
    private final AtomicLong buffered;
    private final Map<QuotaKind, Timer> throttled = new EnumMap<>(QuotaKind.class);
    private final Map<ApiKeys, Timer> requests = new ConcurrentHashMap<>();
    private final Map<ApiError, Counter> errors = new ConcurrentHashMap<>();

    private record ApiError(ApiKeys api, Errors error) {}

    public ConnectionMetrics(MeterRegistry registry, KafkaListener listener) {
        Tags tags = Tags.of("listener", listener.text());
        this.registry = registry;
        this.open = registry.gauge("millrace.kafka.connections", tags, new AtomicInteger());
        this.malformed = registry.counter("millrace.kafka.connections.malformed", tags);
        this.refused = registry.counter("millrace.kafka.connections.refused", tags);
        this.inbound =
                Counter.builder("millrace.kafka.in")
                        .tags(tags)
                        .baseUnit("bytes")
                        .register(registry);
        this.outbound =
                Counter.builder("millrace.kafka.out")
                        .tags(tags)
                        .baseUnit("bytes")
                        .register(registry);
        this.buffered = new AtomicLong();
        Gauge.builder("millrace.kafka.inbound", buffered, AtomicLong::get)
                .tags(tags)
                .baseUnit("bytes")
                .register(registry);
        for (QuotaKind kind : QuotaKind.values()) {
            throttled.put(kind, registry.timer("millrace.quota.throttle", "kind", kind.text()));
        }
    }

    /** Creates the meters of an API, so that its series exist from the start. */
    public void register(ApiKeys api) {
        timer(api);
    }

    private Timer timer(ApiKeys api) {
        Timer known = requests.get(api);
        return known != null
                ? known
                : requests.computeIfAbsent(
                        api,
                        added ->
                                Timer.builder("millrace.kafka.request")
                                        .tag("api", added.name)
                                        .serviceLevelObjectives(RequestBuckets.get())
                                        .register(registry));
    }

    /** Returns the time of the registry's monotonic clock. */
    long nanoTime() {
        return registry.config().clock().monotonicTime();
    }

    /** Counts a request that began at a time of {@link #nanoTime} and is answered now. */
    void answered(ApiKeys api, long beganNanos) {
        timer(api).record(nanoTime() - beganNanos, TimeUnit.NANOSECONDS);
    }

    void failed(ApiKeys api, Errors error) {
        errors.computeIfAbsent(
                        new ApiError(api, error),
                        added ->
                                registry.counter(
                                        "millrace.kafka.errors",
                                        "api",
                                        added.api.name,
                                        "error",
                                        added.error.name().toLowerCase(Locale.ROOT)))
                .increment();
    }

    void opened() {
        open.incrementAndGet();
    }

    void closed() {
        open.decrementAndGet();
    }

    void malformed() {
        malformed.increment();
    }

    /**
     * Adds to the received bytes of requests that are incomplete or in use.
     *
     * @param change negative for bytes that are released
     */
    void buffered(int change) {
        buffered.addAndGet(change);
    }

    /** Counts a client that is told to wait, or is not read, because of a quota. */
    void throttled(QuotaKind kind, long nanos) {
        Timer timer = throttled.get(kind);
        if (timer != null) {
            timer.record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Counts a connection that is closed at once because there are too many. */
    public void refused() {
        refused.increment();
    }

    int open() {
        return open.get();
    }

    void received(int bytes) {
        inbound.increment(bytes);
    }

    void sent(int bytes) {
        outbound.increment(bytes);
    }
}
