package io.millrace.server.http;

import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The readiness of the server: from the end of its start to the beginning of its stop, while its
 * event loop runs tasks. Any thread.
 */
@Singleton
public final class ServingState {

    /** Well above the longest task of a healthy event loop. */
    private static final long MAX_DELAY_SECONDS = 2;

    private @Nullable Executor eventLoop;
    private CompletableFuture<Void> probe = CompletableFuture.completedFuture(null);

    /**
     * Reports the end of the start.
     *
     * @param loop the owner of the metadata
     */
    public synchronized void started(Executor loop) {
        eventLoop = loop;
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
