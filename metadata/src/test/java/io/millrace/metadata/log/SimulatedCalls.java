package io.millrace.metadata.log;

import io.millrace.runtime.loop.SimulatedEventLoop;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Calls on a simulated loop, seen from outside. */
public final class SimulatedCalls {

    private SimulatedCalls() {}

    /** Runs the call on the loop, and the loop until nothing is due; its result must be there. */
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
