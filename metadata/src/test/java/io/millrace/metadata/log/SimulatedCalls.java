package io.millrace.metadata.log;

import io.millrace.runtime.loop.SimulatedEventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Synchronous calls on a simulated event loop. */
public final class SimulatedCalls {

    private SimulatedCalls() {}

    /**
     * Makes the call on the event loop, runs all due tasks and returns the result, which must be
     * complete.
     */
    public static <T> T await(SimulatedEventLoop loop, Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.call(() ->
                call.get()
                        .whenComplete((value, failure) -> {
                            if (failure == null) {
                                result.complete(value);
                            } else {
                                result.completeExceptionally(failure);
                            }
                        }));
        if (!result.isDone()) {
            throw new IllegalStateException("the call did not complete");
        }
        return result.join();
    }
}
