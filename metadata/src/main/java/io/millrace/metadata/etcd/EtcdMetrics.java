package io.millrace.metadata.etcd;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.runtime.FutureFailures;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The metrics of the calls to etcd (docs/metrics.md), one etcd per registry. Thread safe. */
public final class EtcdMetrics {

    enum Operation {
        TXN,
        RANGE,
        WATCH,
        COMPACT,
        FREE_SPACE,
        GRANT_LEASE,
        RENEW_LEASE,
        REVOKE_LEASE
    }

    private static final Duration[] BUCKETS = {
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

    private final Map<Operation, Timer> answered = new EnumMap<>(Operation.class);
    private final Map<Operation, Map<EtcdException.Kind, Counter>> failed =
            new EnumMap<>(Operation.class);

    public EtcdMetrics(MeterRegistry registry) {
        for (Operation operation : Operation.values()) {
            // A watch has no answer to time.
            if (operation != Operation.WATCH) {
                answered.put(
                        operation,
                        Timer.builder("millrace.etcd.request")
                                .tag("operation", lowerCase(operation))
                                .serviceLevelObjectives(BUCKETS)
                                .register(registry));
            }
            Map<EtcdException.Kind, Counter> ofOperation = new EnumMap<>(EtcdException.Kind.class);
            for (EtcdException.Kind kind : EtcdException.Kind.values()) {
                ofOperation.put(
                        kind,
                        registry.counter(
                                "millrace.etcd.failures",
                                "operation",
                                lowerCase(operation),
                                "failure",
                                lowerCase(kind)));
            }
            failed.put(operation, ofOperation);
        }
    }

    void answered(Operation operation, long nanos) {
        Timer timer = answered.get(operation);
        if (timer != null) {
            timer.record(nanos, TimeUnit.NANOSECONDS);
        }
    }

    /** Counts the failure of a call, which is a bug of the caller unless etcd reports it. */
    void failed(Operation operation, Throwable failure) {
        if (FutureFailures.unwrap(failure) instanceof EtcdException why) {
            failed(operation, why.kind());
        }
    }

    void failed(Operation operation, EtcdException.Kind kind) {
        Map<EtcdException.Kind, Counter> ofOperation = failed.get(operation);
        Counter counter = ofOperation == null ? null : ofOperation.get(kind);
        if (counter != null) {
            counter.increment();
        }
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
