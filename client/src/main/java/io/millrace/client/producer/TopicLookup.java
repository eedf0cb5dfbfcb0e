package io.millrace.client.producer;

import io.millrace.client.admin.TopicOperations;
import io.millrace.client.connection.IoThread;
import io.millrace.client.error.MillraceException;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.retry.Backoff;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Looks up topics. Retries retriable problems for up to the producer's {@code maxBlock}.
 * Thread-safe.
 */
final class TopicLookup {

    private final IoThread io;
    private final Backoff backoff;
    private final Duration timeout;
    private final Function<String, CompletableFuture<TopicOperations.Description>> lookUp;

    /** I/O thread only. */
    private final Set<CompletableFuture<TopicOperations.Description>> pending =
            new LinkedHashSet<>();

    private boolean closed;

    TopicLookup(
            IoThread io,
            Backoff backoff,
            Duration patience,
            Function<String, CompletableFuture<TopicOperations.Description>> ask) {
        this.io = io;
        this.backoff = backoff;
        this.timeout = patience;
        this.lookUp = ask;
    }

    /** Completes on the I/O thread; fails with a {@link MillraceException}. */
    CompletableFuture<TopicOperations.Description> find(String name) {
        CompletableFuture<TopicOperations.Description> found = new CompletableFuture<>();
        long endNanos = io.nanoTime() + timeout.toNanos();
        io.run(() -> {
            pending.add(found);
            attempt(name, 1, endNanos, found);
        });
        return found;
    }

    private void attempt(
            String name,
            int number,
            long endNanos,
            CompletableFuture<TopicOperations.Description> found) {
        if (closed) {
            fail(found, new MillraceException.Closed("The producer is closed."));
            return;
        }
        lookUp.apply(name)
                .whenComplete((topic, failure) ->
                        io.run(() -> answered(name, number, endNanos, found, topic, failure)));
    }

    private void answered(
            String name,
            int number,
            long endNanos,
            CompletableFuture<TopicOperations.Description> found,
            TopicOperations.@Nullable Description topic,
            @Nullable Throwable failure) {
        if (topic != null) {
            pending.remove(found);
            found.complete(topic);
            return;
        }
        @Nullable Throwable cause = failure == null ? null : FutureFailures.unwrap(failure);
        Duration pause = backoff.pauseAfter(number);
        boolean again =
                cause instanceof MillraceException problem
                        && problem.retriable()
                        && io.nanoTime() + pause.toNanos() - endNanos < 0;
        if (again && !closed) {
            io.schedule(pause, () -> attempt(name, number + 1, endNanos, found));
        } else {
            fail(found, cause);
        }
    }

    private void fail(
            CompletableFuture<TopicOperations.Description> found, @Nullable Throwable cause) {
        pending.remove(found);
        found.completeExceptionally(cause);
    }

    /** I/O thread only. */
    void close() {
        closed = true;
        for (CompletableFuture<TopicOperations.Description> waiting : Set.copyOf(pending)) {
            fail(waiting, new MillraceException.Closed("The client is closed."));
        }
    }
}
