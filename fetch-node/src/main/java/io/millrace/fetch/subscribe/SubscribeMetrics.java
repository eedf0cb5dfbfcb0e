package io.millrace.fetch.subscribe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.millrace.protocol.error.Reason;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of subscriptions; docs/metrics.md explains each. Any thread. */
public final class SubscribeMetrics {

    private final MeterRegistry registry;
    private final AtomicLong open = new AtomicLong();
    private final Counter bytes;
    private final Counter records;
    private final Counter outOfRange;

    public SubscribeMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder("millrace.subscribe.open", open, AtomicLong::get)
                .strongReference(true)
                .register(registry);
        bytes = Counter.builder("millrace.subscribe.sent").baseUnit("bytes").register(registry);
        records =
                Counter.builder("millrace.subscribe.records")
                        .baseUnit("records")
                        .register(registry);
        outOfRange = registry.counter("millrace.subscribe.out.of.range");
    }

    void began() {
        open.incrementAndGet();
    }

    void ended() {
        open.decrementAndGet();
    }

    void sent(long moreBytes, long moreRecords) {
        bytes.increment(moreBytes);
        records.increment(moreRecords);
    }

    void outOfRange() {
        outOfRange.increment();
    }

    void refused(Reason reason) {
        registry.counter(
                        "millrace.subscribe.refused",
                        "reason",
                        reason.name().toLowerCase(Locale.ROOT))
                .increment();
    }
}
