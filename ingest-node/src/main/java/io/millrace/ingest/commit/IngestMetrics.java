package io.millrace.ingest.commit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.ingest.block.OpenBlock;
import io.millrace.ingest.block.SealReason;
import io.millrace.protocol.error.Reason;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The meters of an ingest node. One node per registry. */
public final class IngestMetrics {

    private final Counter bytes;
    private final Counter records;
    private final Counter batches;
    private final DistributionSummary blockSize;
    private final Timer upload;
    private final Timer append;
    private final Timer apply;
    private final AtomicLong memoryBytes = new AtomicLong();
    private final AtomicLong uploads = new AtomicLong();
    private volatile double backlog;
    private final Map<SealReason, Counter> sealed = new EnumMap<>(SealReason.class);
    private final Map<Reason, Counter> rejected = new EnumMap<>(Reason.class);

    public IngestMetrics(MeterRegistry registry) {
        bytes = Counter.builder("millrace.ingest.in").baseUnit("bytes").register(registry);
        records = registry.counter("millrace.ingest.in.records");
        batches = registry.counter("millrace.ingest.in.batches");
        blockSize =
                DistributionSummary.builder("millrace.ingest.block.size")
                        .baseUnit("bytes")
                        .publishPercentileHistogram()
                        .minimumExpectedValue(1024.0)
                        .maximumExpectedValue(64.0 * 1024 * 1024)
                        .register(registry);
        upload = timer(registry, "millrace.ingest.upload");
        append = timer(registry, "millrace.ingest.append");
        apply = timer(registry, "millrace.ingest.apply");
        for (SealReason reason : SealReason.values()) {
            sealed.put(
                    reason,
                    registry.counter("millrace.ingest.block.sealed", "reason", lowerCase(reason)));
        }
        for (Reason reason : Reason.values()) {
            rejected.put(
                    reason,
                    registry.counter("millrace.ingest.rejected", "reason", lowerCase(reason)));
        }
        Gauge.builder("millrace.ingest.memory", memoryBytes, AtomicLong::get)
                .baseUnit("bytes")
                .register(registry);
        registry.gauge("millrace.ingest.uploads.inflight", uploads);
        Gauge.builder("millrace.ingest.backlog", this, all -> all.backlog)
                .strongReference(true)
                .register(registry);
    }

    /** Returns the received bytes, in the producers' encoding. */
    public long bytes() {
        return (long) bytes.count();
    }

    /** Returns the fullness at the last upload; initially 0. */
    public double backlog() {
        return backlog;
    }

    public void sealed(OpenBlock block, SealReason reason) {
        bytes.increment(block.sizeBytes());
        records.increment(block.records());
        batches.increment(block.batches());
        sealed.computeIfAbsent(reason, IngestMetrics::missing).increment();
    }

    /** Reports the fill level of the metadata. */
    public void backlog(double fullness) {
        backlog = fullness;
    }

    void rejected(Reason reason) {
        rejected.computeIfAbsent(reason, IngestMetrics::missing).increment();
    }

    void uploaded(long sizeBytes, long nanos) {
        blockSize.record(sizeBytes);
        upload.record(nanos, TimeUnit.NANOSECONDS);
    }

    void applied(long appendNanos, long applyNanos) {
        append.record(appendNanos, TimeUnit.NANOSECONDS);
        apply.record(applyNanos, TimeUnit.NANOSECONDS);
    }

    public void memory(long usedBytes) {
        memoryBytes.set(usedBytes);
    }

    void uploadsInFlight(int count) {
        uploads.set(count);
    }

    private static Timer timer(MeterRegistry registry, String name) {
        return Timer.builder(name).publishPercentileHistogram().register(registry);
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static Counter missing(Enum<?> constant) {
        throw new IllegalStateException("no counter for " + constant);
    }
}
