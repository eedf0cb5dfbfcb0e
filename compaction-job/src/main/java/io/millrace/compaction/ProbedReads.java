package io.millrace.compaction;

import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ObjectKey;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Reads of objects of which one may fail for a reason of its own, told from reads of a bucket that
 * is away. What may be chance is read once more. Any thread.
 */
public record ProbedReads(BucketProbe others) {

    /** An object cannot be read, though others can. */
    public static final class Unreadable extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private Unreadable(Throwable why) {
            super("It cannot be read, though others can: " + why.getMessage(), why);
        }
    }

    /**
     * Reads.
     *
     * @param key of what is read
     * @param read begins a read of it
     * @return fails with {@link Unreadable}, or with what the read failed with if that is not for a
     *     reason of its own
     */
    public <T> CompletableFuture<T> read(ObjectKey key, Supplier<CompletableFuture<T>> read) {
        return read(key, read, false);
    }

    private <T> CompletableFuture<T> read(
            ObjectKey key, Supplier<CompletableFuture<T>> read, boolean failedBefore) {
        return read.get()
                .exceptionallyCompose(failure -> {
                    Throwable cause = FutureFailures.of(failure);
                    return ReadFailureScope.mayBeItsOwn(cause)
                            ? others.answer(key)
                                    .thenCompose(answer ->
                                            switch (ReadFailureScope.of(
                                                    cause, failedBefore, answer)) {
                                                case ITS_OWN ->
                                                        CompletableFuture.failedFuture(
                                                                new Unreadable(cause));
                                                case AGAIN -> read(key, read, true);
                                                case NOT_ITS_OWN ->
                                                        CompletableFuture.failedFuture(cause);
                                            })
                            : CompletableFuture.failedFuture(cause);
                });
    }
}
