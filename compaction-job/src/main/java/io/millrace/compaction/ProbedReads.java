package io.millrace.compaction;

import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ObjectKey;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Reads objects and distinguishes an unreadable object from an unavailable bucket. A failure that
 * may be transient is retried once. Any thread.
 */
public record ProbedReads(BucketProbe probe) {

    /** The failure of an object that cannot be read although the bucket serves other objects. */
    public static final class Unreadable extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private Unreadable(Throwable why) {
            super("The object cannot be read, but other objects can: " + why.getMessage(), why);
        }
    }

    /** Reads an object; fails with {@link Unreadable} if only this object cannot be read. */
    public <T> CompletableFuture<T> read(ObjectKey key, Supplier<CompletableFuture<T>> read) {
        return read(key, read, false);
    }

    private <T> CompletableFuture<T> read(
            ObjectKey key, Supplier<CompletableFuture<T>> read, boolean failedBefore) {
        return read.get()
                .exceptionallyCompose(failure -> {
                    Throwable cause = FutureFailures.unwrap(failure);
                    return ReadFailureScope.canBeLimitedToObject(cause)
                            ? probe.isAvailable(key)
                                    .thenCompose(answer ->
                                            switch (ReadFailureScope.of(
                                                    cause, failedBefore, answer)) {
                                                case OBJECT ->
                                                        CompletableFuture.failedFuture(
                                                                new Unreadable(cause));
                                                case RETRY -> read(key, read, true);
                                                case BUCKET ->
                                                        CompletableFuture.failedFuture(cause);
                                            })
                            : CompletableFuture.failedFuture(cause);
                });
    }
}
