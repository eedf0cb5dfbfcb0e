package io.millrace.kafka.connection;

import io.millrace.runtime.loop.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Runs calls on the event loop that owns the called component. */
public final class LoopCalls {

    private LoopCalls() {}

    /** Returns the result of a call that is made on the loop. */
    public static <T> CompletableFuture<T> call(
            EventLoop loop, Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.runNowOrLater(() -> {
            try {
                call.get()
                        .whenComplete((value, failure) -> {
                            if (failure == null) {
                                result.complete(value);
                            } else {
                                result.completeExceptionally(failure);
                            }
                        });
            } catch (RuntimeException bug) {
                result.completeExceptionally(bug);
            }
        });
        return result;
    }

    /** Returns the results of all futures, in their order. */
    public static <T> CompletableFuture<List<T>> all(List<CompletableFuture<T>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> {
                    List<T> results = new ArrayList<>(futures.size());
                    futures.forEach(future -> results.add(future.join()));
                    return results;
                });
    }
}
