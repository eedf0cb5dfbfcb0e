package io.millrace.server.grpc.call;

import io.grpc.Status;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.metrics.RequestBuckets;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The meters of one gRPC method: a timer, and a counter for each reason of an error, created by the
 * first error of that reason. Counting allocates nothing. Any thread.
 */
public final class MethodMetrics {

    private static final String PACKAGE = "millrace.v1.";

    private final MeterRegistry registry;
    private final String method;
    private final Timer requests;
    private final AtomicReferenceArray<Counter> byReason =
            new AtomicReferenceArray<>(Reason.values().length);
    private final AtomicReferenceArray<Counter> byCode =
            new AtomicReferenceArray<>(Status.Code.values().length);
    private volatile boolean countsRequests;

    /**
     * @param fullName the name of the method, for example {@code millrace.v1.Ingest/Produce}
     */
    MethodMetrics(String fullName, MeterRegistry registry) {
        this.registry = registry;
        this.method =
                fullName.startsWith(PACKAGE) ? fullName.substring(PACKAGE.length()) : fullName;
        this.requests =
                Timer.builder("millrace.grpc.request")
                        .tag("method", method)
                        .serviceLevelObjectives(RequestBuckets.get())
                        .register(registry);
    }

    /**
     * Declares that the handler of a stream counts the requests in the stream by {@link #answered}
     * and {@link #failed(Reason)}. The calls of the method are then not timed.
     */
    public MethodMetrics countingRequests() {
        countsRequests = true;
        return this;
    }

    boolean countsRequests() {
        return countsRequests;
    }

    /** Returns the time of the registry's monotonic clock. */
    public long nanoTime() {
        return registry.config().clock().monotonicTime();
    }

    /** Counts a request that began at a time of {@link #nanoTime} and ends now. */
    public void answered(long beganNanos) {
        requests.record(nanoTime() - beganNanos, TimeUnit.NANOSECONDS);
    }

    public void failed(Reason reason) {
        counter(byReason, reason).increment();
    }

    /** Counts the reason of the status's problem; of other statuses, the code. */
    void failed(Status status) {
        if (status.getCause() instanceof ProblemException known) {
            failed(known.problem().reason());
        } else {
            counter(byCode, status.getCode()).increment();
        }
    }

    private Counter counter(AtomicReferenceArray<Counter> counters, Enum<?> reason) {
        Counter known = counters.get(reason.ordinal());
        if (known != null) {
            return known;
        }
        Counter created =
                registry.counter(
                        "millrace.grpc.errors",
                        "method",
                        method,
                        "reason",
                        reason.name().toLowerCase(Locale.ROOT));
        counters.set(reason.ordinal(), created);
        return created;
    }
}
