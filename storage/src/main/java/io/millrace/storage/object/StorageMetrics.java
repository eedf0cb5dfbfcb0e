package io.millrace.storage.object;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.runtime.FutureFailures;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The metrics of a bucket, one bucket per registry. Thread safe. */
public final class StorageMetrics {

    enum Operation {
        PUT,
        GET,
        DELETE,
        LIST,
        CREATE_MULTIPART,
        UPLOAD_PART,
        COMPLETE_MULTIPART,
        ABORT_MULTIPART,
        LIST_MULTIPART
    }

    private enum Failure {
        MISSING,
        THROTTLED,
        UNAVAILABLE,
        FULL,
        REJECTED,
        CORRUPT,
        CANCELLED;

        static Failure of(Throwable failure) {
            return switch (FutureFailures.unwrap(failure)) {
                case ObjectStoreException known ->
                        switch (known) {
                            case ObjectStoreException.Missing any -> MISSING;
                            case ObjectStoreException.Throttled any -> THROTTLED;
                            case ObjectStoreException.Unavailable any -> UNAVAILABLE;
                            case ObjectStoreException.Full any -> FULL;
                            case ObjectStoreException.RequestRejected any -> REJECTED;
                            case ObjectStoreException.Corrupt any -> CORRUPT;
                        };
                default -> CANCELLED;
            };
        }
    }

    enum HedgeResult {
        WON,
        LOST,
        FAILED,
        OVER_BUDGET
    }

    private final Map<Operation, Timer> answered = new EnumMap<>(Operation.class);
    private final Map<Operation, Map<Failure, Counter>> failed = new EnumMap<>(Operation.class);
    private final Map<HedgeResult, Counter> hedges = new EnumMap<>(HedgeResult.class);
    private final Counter writtenBytes;
    private final Counter readBytes;
    private final Counter brokenReads;
    private final BucketContact contact = new BucketContact();

    public StorageMetrics(MeterRegistry registry) {
        for (Operation operation : Operation.values()) {
            answered.put(
                    operation,
                    Timer.builder("millrace.storage.request")
                            .tag("operation", lowerCase(operation))
                            .publishPercentileHistogram()
                            .register(registry));
            Map<Failure, Counter> ofOperation = new EnumMap<>(Failure.class);
            for (Failure failure : Failure.values()) {
                ofOperation.put(
                        failure,
                        registry.counter(
                                "millrace.storage.failures",
                                "operation",
                                lowerCase(operation),
                                "failure",
                                lowerCase(failure)));
            }
            failed.put(operation, ofOperation);
        }
        for (HedgeResult hedge : HedgeResult.values()) {
            hedges.put(
                    hedge, registry.counter("millrace.storage.hedges", "result", lowerCase(hedge)));
        }
        writtenBytes =
                Counter.builder("millrace.storage.written").baseUnit("bytes").register(registry);
        readBytes = Counter.builder("millrace.storage.read").baseUnit("bytes").register(registry);
        brokenReads = registry.counter("millrace.storage.reads.broken");
    }

    /** Returns the outages of the bucket. */
    public BucketContact contact() {
        return contact;
    }

    /** Requests to the bucket since startup, by operation. */
    public record RequestCounts(String operation, long answered, long failed) {}

    public List<RequestCounts> requests() {
        return Arrays.stream(Operation.values())
                .map(operation ->
                        new RequestCounts(
                                lowerCase(operation),
                                existing(answered, operation).count(),
                                (long)
                                        existing(failed, operation).values().stream()
                                                .mapToDouble(Counter::count)
                                                .sum()))
                .toList();
    }

    public long writtenBytes() {
        return (long) writtenBytes.count();
    }

    public long readBytes() {
        return (long) readBytes.count();
    }

    void answered(Operation operation, long nanos) {
        existing(answered, operation).record(nanos, TimeUnit.NANOSECONDS);
    }

    void failed(Operation operation, Throwable failure) {
        existing(existing(failed, operation), Failure.of(failure)).increment();
    }

    void written(long bytes) {
        writtenBytes.increment(bytes);
    }

    void read(long bytes) {
        readBytes.increment(bytes);
    }

    /** Counts a get that was answered but ended early. */
    void incompleteGet() {
        brokenReads.increment();
    }

    void hedged(HedgeResult hedge) {
        existing(hedges, hedge).increment();
    }

    private static <K extends Enum<K>, M> M existing(Map<K, M> meters, K key) {
        M meter = meters.get(key);
        if (meter == null) {
            throw new IllegalStateException("no meter for " + key);
        }
        return meter;
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
