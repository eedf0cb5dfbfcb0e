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
 * An object store that hedges slow puts and gets. A call that takes longer than the 95th percentile
 * of recent calls of similar size is sent again on another connection, within one budget for puts
 * and gets. The first result wins and the other request is cancelled; its effect, if any, is the
 * same. A call fails only when no request is left.
 *
 * <p>Calls may come from any thread; the event loop owns the state and completes the futures.
 */
public final class HedgingObjectStore implements ObjectStore {

    /**
     * Thresholds of hedging.
     *
     * @param whileUnknown the delay before a hedge while too few calls of the size were measured
     * @param min the minimum delay before a hedge
     * @param percent the percentage of calls that may be hedged, beyond ten accumulated hedges
     */
    public record Hedging(Duration whileUnknown, Duration min, int percent) {

        public Hedging {
            if (percent < 0 || percent > 100) {
                throw new IllegalArgumentException(
                        percent + " % of the calls cannot be hedged; use 0 to 100");
            }
        }

        public static Hedging ofS3() {
            return new Hedging(Duration.ofSeconds(1), Duration.ofMillis(20), 5);
        }
    }

    private final ObjectStore delegate;
    private final EventLoop loop;
    private final Hedging hedging;
    private final StorageMetrics metrics;
    private final HedgeBudget budget;
    private final RecentLatencies puts = new RecentLatencies();
    private final RecentLatencies gets = new RecentLatencies();

    public HedgingObjectStore(
            ObjectStore delegate, EventLoop loop, Hedging hedging, StorageMetrics metrics) {
        this.delegate = delegate;
        this.loop = loop;
        this.hedging = hedging;
        this.metrics = metrics;
        this.budget = new HedgeBudget(hedging.percent());
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
    public CompletableFuture<byte[]> get(ObjectKey key, ByteRange range) {
        return hedged(gets, range.length(), () -> delegate.get(key, range));
    }

    /** Not hedged: no caller waits for a single part of the range. */
    @Override
    public SequentialRead read(ObjectKey key, ByteRange range) {
        return delegate.read(key, range);
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
        Call<T> call = new Call<>(latencies, sizeBytes, request);
        loop.runNowOrLater(call::begin);
        return call.result;
    }

    /** A call with its one or two requests. Owned by the event loop. */
    private final class Call<T> {

        private final RecentLatencies latencies;
        private final long sizeBytes;
        private final Supplier<CompletableFuture<T>> request;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private final List<CompletableFuture<T>> running = new ArrayList<>(2);
        private long beganNanos;
        private EventLoop.@Nullable Timer untilHedge;
        private boolean askedTwice;

        Call(RecentLatencies latencies, long sizeBytes, Supplier<CompletableFuture<T>> request) {
            this.latencies = latencies;
            this.sizeBytes = sizeBytes;
            this.request = request;
        }

        void begin() {
            budget.earn();
            beganNanos = loop.nanoTime();
            result.whenComplete((any, failure) -> loop.runNowOrLater(this::end));
            ask(false);
            if (!result.isDone()) {
                long patience =
                        Math.max(
                                hedging.min().toNanos(),
                                latencies.p95Nanos(sizeBytes, hedging.whileUnknown().toNanos()));
                untilHedge = loop.schedule(Duration.ofNanos(patience), this::hedge);
            }
        }

        private void ask(boolean again) {
            CompletableFuture<T> asked = request.get();
            running.add(asked);
            asked.whenComplete((value, failure) ->
                    loop.runNowOrLater(() -> {
                        running.remove(asked);
                        if (result.isDone()) {
                            return;
                        }
                        if (failure != null) {
                            failed(FutureFailures.of(failure));
                        } else {
                            latencies.add(sizeBytes, loop.nanoTime() - beganNanos);
                            count(again ? StorageMetrics.Hedge.WON : StorageMetrics.Hedge.LOST);
                            result.complete(value);
                        }
                    }));
        }

        private void hedge() {
            if (budget.spend()) {
                askedTwice = true;
                ask(true);
            } else {
                metrics.hedged(StorageMetrics.Hedge.OVER_BUDGET);
            }
        }

        private void failed(Throwable failure) {
            if (failure instanceof ObjectStoreException.Throttled) {
                budget.forfeit();
            }
            if (running.isEmpty()) {
                count(StorageMetrics.Hedge.FAILED);
                result.completeExceptionally(failure);
            }
        }

        private void count(StorageMetrics.Hedge outcome) {
            if (askedTwice) {
                metrics.hedged(outcome);
            }
        }

        private void end() {
            if (untilHedge != null) {
                untilHedge.cancel();
            }
            // Iterates over a copy, because a cancelled request removes itself from the list.
            for (CompletableFuture<T> loser : List.copyOf(running)) {
                loser.cancel(true);
            }
        }
    }
}
