package io.millrace.security.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * The counters of an audit log, which exist also if the log is off.
 *
 * @param written events in the log
 * @param dropped events that are missing in the log
 * @param suppressed refused operations that were left out by the rate limit
 */
public record AuditMeters(Counter written, Counter dropped, Counter suppressed) {

    public static AuditMeters of(MeterRegistry registry) {
        return new AuditMeters(
                registry.counter("millrace.audit.events"),
                registry.counter("millrace.audit.dropped"),
                registry.counter("millrace.audit.suppressed"));
    }
}
