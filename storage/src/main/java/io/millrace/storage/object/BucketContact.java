package io.millrace.storage.object;

import io.millrace.runtime.FutureFailures;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Measures outages of a bucket by the results of requests, for reads and writes separately. Any
 * thread.
 */
public final class BucketContact {

    /** Without further failures, an outage ends after this time: an idle node has no requests. */
    private static final Duration MAX_QUIET = Duration.ofSeconds(60);

    private final Kind reads = new Kind();
    private final Kind writes = new Kind();

    /** Returns the time for which all reads have failed; zero if the last read succeeded. */
    public Duration readOutage(long nowNanos) {
        return reads.outage(nowNanos);
    }

    /** Returns the time for which all writes have failed; zero if the last write succeeded. */
    public Duration writeOutage(long nowNanos) {
        return writes.outage(nowNanos);
    }

    void answered(StorageMetrics.Operation operation) {
        kind(operation).answered();
    }

    void failed(StorageMetrics.Operation operation, Throwable failure, long nowNanos) {
        if (FutureFailures.unwrap(failure) instanceof ObjectStoreException known) {
            switch (known) {
                case ObjectStoreException.Unavailable any -> kind(operation).failed(nowNanos);
                // Wrong or expired credentials, for example.
                case ObjectStoreException.RequestRejected any -> kind(operation).failed(nowNanos);
                case ObjectStoreException.Full any -> kind(operation).failed(nowNanos);
                case ObjectStoreException.Missing any -> kind(operation).answered();
                case ObjectStoreException.Throttled any -> kind(operation).answered();
                case ObjectStoreException.Corrupt any -> kind(operation).answered();
            }
        }
    }

    private Kind kind(StorageMetrics.Operation operation) {
        return switch (operation) {
            case GET, LIST, LIST_MULTIPART -> reads;
            case PUT, DELETE, CREATE_MULTIPART, UPLOAD_PART, COMPLETE_MULTIPART, ABORT_MULTIPART ->
                    writes;
        };
    }

    private static final class Kind {

        /** Failures without a success between them. */
        private record Outage(long firstNanos, long lastNanos) {}

        private static final Outage NONE = new Outage(0, -1);

        private final AtomicReference<Outage> current = new AtomicReference<>(NONE);

        void answered() {
            // Read first, because nearly every request is answered.
            if (current.get() != NONE) {
                current.set(NONE);
            }
        }

        void failed(long nowNanos) {
            current.updateAndGet(before ->
                    isOver(before, nowNanos)
                            ? new Outage(nowNanos, nowNanos)
                            : new Outage(before.firstNanos(), nowNanos));
        }

        Duration outage(long nowNanos) {
            Outage outage = current.get();
            return isOver(outage, nowNanos)
                    ? Duration.ZERO
                    : Duration.ofNanos(nowNanos - outage.firstNanos());
        }

        private static boolean isOver(Outage outage, long nowNanos) {
            return outage == NONE || nowNanos - outage.lastNanos() > MAX_QUIET.toNanos();
        }
    }
}
