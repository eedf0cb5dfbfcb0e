package io.millrace.server.http;

import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The readiness of the server: from the end of its start to the beginning of its stop, while its
 * event loop runs tasks and no dispute between the nodes is open. Any thread.
 */
@Singleton
public final class ServingState {

    /** Well above the longest task of a healthy event loop. */
    private static final long MAX_DELAY_SECONDS = 2;

    private @Nullable Executor eventLoop;
    private Supplier<Optional<String>> dispute = Optional::empty;
    private CompletableFuture<Void> probe = CompletableFuture.completedFuture(null);

    /**
     * Reports the end of the start.
     *
     * @param loop the owner of the metadata
     * @param openDispute the supplier of the open dispute between the states of the nodes
     */
    public synchronized void started(Executor loop, Supplier<Optional<String>> openDispute) {
        eventLoop = loop;
        dispute = openDispute;
    }

    /** Returns the cause, effect and action of an open dispute between the states of the nodes. */
    synchronized Optional<String> dispute() {
        return dispute.get();
    }

    /** Reports the beginning of the stop. */
    public synchronized void stopping() {
        eventLoop = null;
    }

    /** Waits for the event loop, at most two seconds. */
    boolean isServing() {
        try {
            if (!isStarted()) {
                return false;
            }
            probe().get(MAX_DELAY_SECONDS, TimeUnit.SECONDS);
            return isStarted();
        } catch (TimeoutException | ExecutionException | RejectedExecutionException stuck) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized boolean isStarted() {
        return eventLoop != null;
    }

    /** Returns the pending probe, or sends a new one; at most one is queued. */
    private synchronized CompletableFuture<Void> probe() {
        if (eventLoop != null && probe.isDone()) {
            probe = CompletableFuture.runAsync(() -> {}, eventLoop);
        }
        return probe;
    }
}
