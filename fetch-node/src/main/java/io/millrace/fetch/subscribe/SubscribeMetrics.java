package io.millrace.fetch.subscribe;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** The metrics of subscriptions (docs/metrics.md). Any thread. */
public final class SubscribeMetrics {

    private final AtomicLong open = new AtomicLong();
    private final Counter bytes;
    private final Counter records;
    private final Counter outOfRange;
    private final Counter rejected;

    public SubscribeMetrics(MeterRegistry registry) {
        Gauge.builder("millrace.subscribe.open", open, AtomicLong::get)
                .strongReference(true)
                .register(registry);
        bytes = Counter.builder("millrace.subscribe.sent").baseUnit("bytes").register(registry);
        records = Counter.builder("millrace.subscribe.records").register(registry);
        outOfRange = registry.counter("millrace.subscribe.out.of.range");
        rejected = registry.counter("millrace.subscribe.rejected");
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

    void rejected() {
        rejected.increment();
    }
}
