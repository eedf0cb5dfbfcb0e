package io.millrace.storage.object;

import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.retry.Backoff;
import io.millrace.runtime.retry.BackoffSequence;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * An object store that retries failed calls, in the only layer that does. Pauses double with jitter
 * until a deadline, which no call exceeds. Calls may come from any thread; the event loop owns the
 * state and completes the futures.
 */
public final class RetryingObjectStore implements ObjectStore {

    /**
     * Limits of retries.
     *
     * @param retryTime the time after which no attempt starts
     * @param deadline the time after which an attempt in flight is cancelled
     * @param fullDeadline the time after which no attempt starts while the store is full
     */
    public record RetryLimits(
            Duration firstPause,
            Duration maxPause,
            Duration retryTime,
            Duration deadline,
            Duration fullDeadline) {

        public RetryLimits {
            if (!firstPause.isPositive() || maxPause.compareTo(firstPause) < 0) {
                throw new IllegalArgumentException(
                        "invalid pauses: from " + firstPause + " to " + maxPause);
            }
        }

        /** Returns limits with the maximum wait of producers. */
        public static RetryLimits forProducers(Duration deadline) {
            return new RetryLimits(
                    Duration.ofMillis(50),
                    Duration.ofSeconds(2),
                    deadline,
                    deadline,
                    Duration.ofSeconds(1));
        }

        /**
         * Returns limits for large objects without a waiting client: an attempt may take long, but
         * a failed store is reported soon.
         *
         * @param deadline the time for the largest object
         */
        public static RetryLimits forMetadata(Duration deadline) {
            return new RetryLimits(
                    Duration.ofMillis(50),
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(30),
                    deadline,
                    Duration.ofSeconds(1));
        }
    }

    private final ObjectStore delegate;
    private final ObjectUploads uploads;
    private final EventLoop loop;
    private final Backoff backoff;
    private final RetryLimits limits;

    public RetryingObjectStore(
            ObjectStore delegate, EventLoop loop, RandomGenerator random, RetryLimits patience) {
        this.delegate = delegate;
        this.uploads = new RetriedUploads(delegate.uploads());
        this.loop = loop;
        this.backoff = Backoff.jittered(patience.firstPause(), patience.maxPause(), random);
        this.limits = patience;
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        return retried("put " + key, () -> delegate.put(key, body));
    }

    @Override
    public ObjectUploads uploads() {
        return uploads;
    }

    @Override
    public CompletableFuture<byte[]> getRange(ObjectKey key, ByteRange range) {
        return retried("get " + key, () -> delegate.getRange(key, range));
    }

    @Override
    public SequentialRead openRange(ObjectKey key, ByteRange range) {
        return new ResumedRead(key, range);
    }

    @Override
    public CompletableFuture<DeleteResult> delete(Collection<ObjectKey> keys) {
        RetriedDeletion deletion = new RetriedDeletion(keys);
        return retried("delete of " + keys.size() + " objects", deletion::attempt)
                .exceptionallyCompose(deletion::failed);
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, String after, int limit) {
        ObjectStore.checkLimit(limit);
        return retried("list " + prefix, () -> delegate.list(prefix, after, limit));
    }

    @Override
    public void close() {
        delegate.close();
    }

    private <T> CompletableFuture<T> retried(String what, Supplier<CompletableFuture<T>> attempt) {
        RetriedCall<T> call = new RetriedCall<>(what, attempt);
        loop.runNowOrLater(call::begin);
        return call.result;
    }

    private final class RetriedCall<T> {

        private final String what;
        private final Supplier<CompletableFuture<T>> attempt;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private final long startNanos = loop.nanoTime();
        private final BackoffSequence pauses = backoff.sequence();
        private @Nullable CompletableFuture<T> running;
        private @Nullable Throwable lastFailure;

        RetriedCall(String what, Supplier<CompletableFuture<T>> attempt) {
            this.what = what;
            this.attempt = attempt;
        }

        void begin() {
            EventLoop.Timer deadline = loop.schedule(limits.deadline(), this::abort);
            result.whenComplete((any, failure) ->
                    loop.runNowOrLater(() -> {
                        deadline.cancel();
                        if (running != null) {
                            running.cancel(true);
                        }
                    }));
            startAttempt();
        }

        private void startAttempt() {
            if (result.isDone()) {
                return;
            }
            CompletableFuture<T> tried = attempt.get();
            running = tried;
            tried.whenComplete((value, failure) ->
                    loop.runNowOrLater(() -> {
                        if (failure == null) {
                            result.complete(value);
                        } else if (!result.isDone()) {
                            failed(FutureFailures.unwrap(failure));
                        }
                    }));
        }

        private void failed(Throwable failure) {
            Duration pause = pauses.nextPause();
            long beginsNanos = loop.nanoTime() - startNanos + pause.toNanos();
            if (beginsNanos >= retriedFor(failure).toNanos()) {
                result.completeExceptionally(failure);
                return;
            }
            lastFailure = failure;
            loop.schedule(pause, this::startAttempt);
        }

        private void abort() {
            result.completeExceptionally(
                    new ObjectStoreException.Unavailable(
                            "%s: no answer within %d ms"
                                    .formatted(what, limits.deadline().toMillis()),
                            lastFailure));
        }
    }

    /** A sequential read that resumes where it failed. */
    private final class ResumedRead implements SequentialRead {

        private final ObjectKey key;
        private final ByteRange range;
        private long position;
        private @Nullable SequentialRead open;
        private CompletableFuture<byte[]> pending = new CompletableFuture<>();

        ResumedRead(ObjectKey key, ByteRange range) {
            this.key = key;
            this.range = range;
            this.position = range.start();
        }

        @Override
        public CompletableFuture<byte[]> next(int length) {
            CompletableFuture<byte[]> next =
                    retried("read of %s".formatted(key), () -> attempt(length));
            loop.runNowOrLater(() -> pending = next);
            return next;
        }

        private CompletableFuture<byte[]> attempt(int length) {
            SequentialRead from = open;
            if (from == null) {
                from =
                        delegate.openRange(
                                key, range.part(position, (int) (range.end() - position)));
                open = from;
            }
            SequentialRead tried = from;
            CompletableFuture<byte[]> bytes =
                    tried.next(length)
                            .whenCompleteAsync(
                                    (got, failure) -> {
                                        if (failure == null) {
                                            position += length;
                                        } else {
                                            release(tried);
                                        }
                                    },
                                    loop);
            bytes.whenComplete((got, failure) -> {
                if (bytes.isCancelled()) {
                    loop.runNowOrLater(() -> release(tried));
                }
            });
            return bytes;
        }

        private void release(SequentialRead tried) {
            tried.close();
            if (open == tried) {
                open = null;
            }
        }

        @Override
        public void close() {
            loop.runNowOrLater(() -> {
                pending.completeExceptionally(
                        new ObjectStoreException.Unavailable(
                                "read of %s: closed by the caller".formatted(key), null));
                if (open != null) {
                    release(open);
                }
            });
        }
    }

    /** A deletion that retries only the remaining keys. */
    private final class RetriedDeletion {

        private final int total;
        private final Set<ObjectKey> remaining;
        private final Map<ObjectKey, ObjectStoreException> permanent = new LinkedHashMap<>();

        RetriedDeletion(Collection<ObjectKey> keys) {
            remaining = new LinkedHashSet<>(keys);
            total = remaining.size();
        }

        CompletableFuture<DeleteResult> attempt() {
            CompletableFuture<DeleteResult> request = delegate.delete(List.copyOf(remaining));
            CompletableFuture<DeleteResult> checked =
                    request.thenApplyAsync(this::checkResult, loop::runNowOrLater);
            checked.whenComplete((result, failure) -> {
                if (checked.isCancelled()) {
                    request.cancel(true);
                }
            });
            return checked;
        }

        /** Throws the first retriable failure, if any. */
        private DeleteResult checkResult(DeleteResult result) {
            remaining.clear();
            result.failures()
                    .forEach((key, failure) -> {
                        if (retriedFor(failure).isPositive()) {
                            remaining.add(key);
                        } else {
                            permanent.put(key, failure);
                        }
                    });
            for (ObjectKey key : remaining) {
                throw result.failures().get(key);
            }
            return new DeleteResult(permanent);
        }

        /**
         * Handles the last failure. If no key was deleted or failed permanently, the call fails.
         */
        private CompletionStage<DeleteResult> failed(Throwable failure) {
            if (remaining.size() == total
                    || !(FutureFailures.unwrap(failure) instanceof ObjectStoreException reason)) {
                return CompletableFuture.failedFuture(failure);
            }
            Map<ObjectKey, ObjectStoreException> failures = new LinkedHashMap<>(permanent);
            remaining.forEach(key -> failures.put(key, reason));
            return CompletableFuture.completedFuture(new DeleteResult(failures));
        }
    }

    private Duration retriedFor(Throwable failure) {
        return switch (failure) {
            case ObjectStoreException.Throttled t -> limits.retryTime();
            case ObjectStoreException.Unavailable u -> limits.retryTime();
            case ObjectStoreException.Full f -> limits.fullDeadline();
            default -> Duration.ZERO;
        };
    }

    private final class RetriedUploads implements ObjectUploads {

        private final ObjectUploads uploads;

        RetriedUploads(ObjectUploads uploads) {
            this.uploads = uploads;
        }

        @Override
        public int minPartBytes() {
            return uploads.minPartBytes();
        }

        @Override
        public CompletableFuture<MultipartUpload> create(ObjectKey key, int partBytes) {
            checkPartBytes(partBytes);
            return retried("start of upload of " + key, () -> uploads.create(key, partBytes));
        }

        @Override
        public CompletableFuture<StoredPart> uploadPart(
                MultipartUpload upload, int number, ObjectBody body) {
            long position = upload.position(number, body.sizeBytes());
            return retried(
                    "put of %s from byte %d".formatted(upload.key(), position),
                    () -> uploads.uploadPart(upload, number, body));
        }

        @Override
        public CompletableFuture<Void> complete(MultipartUpload upload, List<StoredPart> parts) {
            long sizeBytes = upload.sizeBytes(parts);
            List<StoredPart> all = List.copyOf(parts);
            return retried(
                    "completion of %s of %d bytes".formatted(upload.key(), sizeBytes),
                    () -> uploads.complete(upload, all));
        }

        @Override
        public CompletableFuture<Void> abort(UploadId upload) {
            return retried("abort of " + upload, () -> uploads.abort(upload));
        }

        @Override
        public CompletableFuture<UploadListing> listUnfinished(
                String prefix, Optional<UploadId> after, int limit) {
            ObjectStore.checkLimit(limit);
            return retried(
                    "list of uploads " + prefix,
                    () -> uploads.listUnfinished(prefix, after, limit));
        }
    }
}
