package io.millrace.storage.object;

import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An object store that hedges slow puts and gets. A call slower than the 95th percentile of recent
 * calls of similar size is repeated on another connection, within a budget. The first result wins,
 * and the other request is cancelled. A call fails only when no request is left.
 *
 * <p>Calls may come from any thread; the event loop owns the state and completes the futures.
 */
public final class HedgingObjectStore implements ObjectStore {

    /**
     * Thresholds of hedging.
     *
     * @param initialDelay the delay until enough calls of a size are measured
     * @param maxPercent the percentage of calls that may be hedged, beyond ten accumulated hedges
     */
    public record HedgePolicy(Duration initialDelay, Duration minDelay, int maxPercent) {

        public HedgePolicy {
            if (maxPercent < 0 || maxPercent > 100) {
                throw new IllegalArgumentException(
                        maxPercent + " % of the calls cannot be hedged; use 0 to 100");
            }
        }

        public static HedgePolicy ofS3() {
            return new HedgePolicy(Duration.ofSeconds(1), Duration.ofMillis(20), 5);
        }
    }

    private final ObjectStore delegate;
    private final EventLoop loop;
    private final HedgePolicy hedging;
    private final StorageMetrics metrics;
    private final HedgeBudget budget;
    private final RecentLatencies puts = new RecentLatencies();
    private final RecentLatencies gets = new RecentLatencies();

    public HedgingObjectStore(
            ObjectStore delegate, EventLoop loop, HedgePolicy hedging, StorageMetrics metrics) {
        this.delegate = delegate;
        this.loop = loop;
        this.hedging = hedging;
        this.metrics = metrics;
        this.budget = new HedgeBudget(hedging.maxPercent());
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        return hedged(puts, body.sizeBytes(), () -> delegate.put(key, body));
    }

    /** Not hedged: no caller waits for a single part. */
    @Override
    public ObjectUploads uploads() {
        return delegate.uploads();
    }

    @Override
    public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
        return hedged(gets, range.length(), () -> delegate.getRange(key, range));
    }

    /** Not hedged: no caller waits for a single part. */
    @Override
    public SequentialRead openRange(ObjectKey key, ByteRange range) {
        return delegate.openRange(key, range);
    }

    @Override
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        return delegate.delete(keys);
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        return delegate.list(prefix, after, limit);
    }

    @Override
    public void close() {
        delegate.close();
    }

    private <T> CompletableFuture<T> hedged(
            RecentLatencies latencies, long sizeBytes, Supplier<CompletableFuture<T>> request) {
        HedgedCall<T> call = new HedgedCall<>(latencies, sizeBytes, request);
        loop.runNowOrLater(call::begin);
        return call.result;
    }

    private final class HedgedCall<T> {

        private final RecentLatencies latencies;
        private final long sizeBytes;
        private final Supplier<CompletableFuture<T>> request;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private final List<CompletableFuture<T>> running = new ArrayList<>(2);
        private long startNanos;
        private EventLoop.@Nullable Timer untilHedge;
        private boolean isHedged;

        HedgedCall(
                RecentLatencies latencies, long sizeBytes, Supplier<CompletableFuture<T>> request) {
            this.latencies = latencies;
            this.sizeBytes = sizeBytes;
            this.request = request;
        }

        void begin() {
            budget.accrue();
            startNanos = loop.nanoTime();
            result.whenComplete((any, failure) -> loop.runNowOrLater(this::cancelRemaining));
            send(false);
            if (!result.isDone()) {
                long patience =
                        Math.max(
                                hedging.minDelay().toNanos(),
                                latencies.p95Nanos(sizeBytes, hedging.initialDelay().toNanos()));
                untilHedge = loop.schedule(Duration.ofNanos(patience), this::hedge);
            }
        }

        private void send(boolean again) {
            CompletableFuture<T> asked = request.get();
            running.add(asked);
            asked.whenComplete((value, failure) ->
                    loop.runNowOrLater(() -> {
                        running.remove(asked);
                        if (result.isDone()) {
                            return;
                        }
                        if (failure != null) {
                            failed(FutureFailures.unwrap(failure));
                        } else {
                            latencies.add(sizeBytes, loop.nanoTime() - startNanos);
                            count(
                                    again
                                            ? StorageMetrics.HedgeResult.WON
                                            : StorageMetrics.HedgeResult.LOST);
                            result.complete(value);
                        }
                    }));
        }

        private void hedge() {
            if (budget.trySpend()) {
                isHedged = true;
                send(true);
            } else {
                metrics.hedged(StorageMetrics.HedgeResult.OVER_BUDGET);
            }
        }

        private void failed(Throwable failure) {
            if (failure instanceof ObjectStoreException.Throttled) {
                budget.clear();
            }
            if (running.isEmpty()) {
                count(StorageMetrics.HedgeResult.FAILED);
                result.completeExceptionally(failure);
            }
        }

        private void count(StorageMetrics.HedgeResult outcome) {
            if (isHedged) {
                metrics.hedged(outcome);
            }
        }

        private void cancelRemaining() {
            if (untilHedge != null) {
                untilHedge.cancel();
            }
            // A copy, because a cancelled request removes itself from the list.
            for (CompletableFuture<T> loser : List.copyOf(running)) {
                loser.cancel(true);
            }
        }
    }
}
