package io.millrace.compaction.bucket;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** The metrics of the orphan sweep, listed in docs/metrics.md. */
public final class OrphanMetrics {

    private final Counter condemned;
    private final Counter condemnedBytes;
    private final Counter oldMetadata;
    private final Counter uploads;
    private final Counter failures;
    private final Map<ObjectStatus, AtomicLong> objects = new EnumMap<>(ObjectStatus.class);
    private final Map<ObjectStatus, AtomicLong> bytes = new EnumMap<>(ObjectStatus.class);

    public OrphanMetrics(MeterRegistry registry) {
        condemned = registry.counter("millrace.orphans.condemned");
        condemnedBytes =
                Counter.builder("millrace.orphans.condemned.size")
                        .baseUnit("bytes")
                        .register(registry);
        oldMetadata = registry.counter("millrace.orphans.metadata.deleted");
        uploads = registry.counter("millrace.orphans.uploads.aborted");
        failures = registry.counter("millrace.orphans.failures");
        for (ObjectStatus status : ObjectStatus.values()) {
            if (status != ObjectStatus.FOREIGN && status != ObjectStatus.INCOMPLETE_UPLOAD) {
                objects.put(status, gauge(registry, "millrace.bucket.objects", "objects", status));
                bytes.put(status, gauge(registry, "millrace.bucket.size", "bytes", status));
            }
        }
    }

    private static AtomicLong gauge(
            MeterRegistry registry, String name, String unit, ObjectStatus status) {
        AtomicLong value = new AtomicLong();
        Gauge.builder(name, value, AtomicLong::get)
                .tag("status", status.name().toLowerCase(Locale.ROOT))
                .baseUnit(unit)
                .strongReference(true)
                .register(registry);
        return value;
    }

    void completedRound(BucketTotals totals) {
        objects.forEach((status, value) -> value.set(totals.objects(status)));
        bytes.forEach((status, value) -> value.set(totals.bytes(status)));
    }

    void condemned(long count, long sizeBytes) {
        condemned.increment(count);
        condemnedBytes.increment(sizeBytes);
    }

    void deletedMetadata(long count) {
        oldMetadata.increment(count);
    }

    void abortedUpload() {
        uploads.increment();
    }

    void failed() {
        failures.increment();
    }
}
