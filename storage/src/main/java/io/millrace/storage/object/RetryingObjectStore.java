package io.millrace.storage.object;

import io.millrace.storage.loop.Loop;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Repeats what failed for a reason that may pass, after pauses that double and jitter, until a
 * deadline; then the last failure surfaces. The only layer that retries. Calls may come from any
 * thread; its state is one object per call, and the random generator is used on the loop only.
 */
public final class RetryingObjectStore implements ObjectStore {

    /**
     * How long to go on.
     *
     * @param firstPause before the first repetition, about
     * @param longestPause what pauses grow to
     * @param deadline no attempt begins so long after the call
     * @param fullDeadline likewise where the store has no room
     */
    public record Patience(
            Duration firstPause, Duration longestPause, Duration deadline, Duration fullDeadline) {

        public Patience {
            if (!firstPause.isPositive() || longestPause.compareTo(firstPause) < 0) {
                throw new IllegalArgumentException(
                        "pauses from " + firstPause + " to " + longestPause);
            }
        }

        /** What fits a server whose producers wait. */
        public static Patience ofProducers() {
            return new Patience(
                    Duration.ofMillis(50),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(20),
                    Duration.ofSeconds(1));
        }
    }

    private final ObjectStore delegate;
    private final Loop loop;
    private final RandomGenerator random;
    private final Patience patience;

    public RetryingObjectStore(
            ObjectStore delegate, Loop loop, RandomGenerator random, Patience patience) {
        this.delegate = delegate;
        this.loop = loop;
        this.random = random;
        this.patience = patience;
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        return new Call<>(() -> delegate.put(key, body)).begin();
    }

    @Override
    public CompletableFuture<byte[]> get(ObjectKey key, ByteRange range) {
        return new Call<>(() -> delegate.get(key, range)).begin();
    }

    @Override
    public CompletableFuture<Void> delete(Collection<ObjectKey> keys) {
        List<ObjectKey> doomed = List.copyOf(keys);
        return new Call<>(() -> delegate.delete(doomed)).begin();
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, Optional<ObjectKey> after, int limit) {
        ObjectStore.checkLimit(limit);
        return new Call<>(() -> delegate.list(prefix, after, limit)).begin();
    }

    @Override
    public void close() {
        delegate.close();
    }

    /** One call and its attempts. Attempts follow each other, so nothing here is raced for. */
    private final class Call<T> {

        private final Supplier<CompletableFuture<T>> attempt;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private final long beganNanos = loop.nanoTime();
        private long pauseNanos = patience.firstPause().toNanos();

        Call(Supplier<CompletableFuture<T>> attempt) {
            this.attempt = attempt;
        }

        CompletableFuture<T> begin() {
            CompletableFuture<T> running = attempt.get();
            running.whenComplete((value, failure) -> {
                if (failure == null) {
                    result.complete(value);
                } else {
                    loop.run(() -> failed(unwrapped(failure)));
                }
            });
            result.whenComplete((any, failure) -> {
                if (result.isCancelled()) {
                    running.cancel(true);
                }
            });
            return result;
        }

        private void failed(Throwable failure) {
            long jittered = pauseNanos / 2 + random.nextLong(pauseNanos / 2 + 1);
            long beginsNanos = loop.nanoTime() - beganNanos + jittered;
            if (result.isDone() || beginsNanos >= retriedFor(failure).toNanos()) {
                result.completeExceptionally(failure);
                return;
            }
            pauseNanos = Math.min(2 * pauseNanos, patience.longestPause().toNanos());
            loop.schedule(Duration.ofNanos(jittered), this::begin);
        }
    }

    private Duration retriedFor(Throwable failure) {
        return switch (failure) {
            case ObjectStoreException.Throttled t -> patience.deadline();
            case ObjectStoreException.Unavailable u -> patience.deadline();
            case ObjectStoreException.Full f -> patience.fullDeadline();
            default -> Duration.ZERO;
        };
    }

    private static Throwable unwrapped(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }
}
