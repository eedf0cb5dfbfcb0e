package io.millrace.server.grpc.access;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.protocol.quota.QuotaKind;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Meters of refused and delayed calls. No label has the name of a principal or resource. */
public final class AccessMetrics {

    private final MeterRegistry registry;
    private final Map<QuotaKind, Timer> throttled = new EnumMap<>(QuotaKind.class);

    public AccessMetrics(MeterRegistry registry) {
        this.registry = registry;
        for (QuotaKind kind : QuotaKind.values()) {
            throttled.put(kind, registry.timer("millrace.quota.throttle", "kind", kind.text()));
        }
    }

    /**
     * @param method the full name of a method of the endpoint
     */
    void refused(String method) {
        registry.counter("millrace.authorization.refusals", "method", method).increment();
    }

    void delayed(QuotaKind kind, long nanos) {
        Timer timer = throttled.get(kind);
        if (timer != null) {
            timer.record(nanos, TimeUnit.NANOSECONDS);
        }
    }
}
