package io.millrace.it;

import io.millrace.runtime.SystemAccess;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.runtime.loop.ExecutorEventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** An event loop on its own thread, with blocking calls for the test's thread. */
@SystemAccess("makes a thread, and waits for it")
final class ThreadedEventLoop implements AutoCloseable {

    private static final int LONGEST_CALL_SECONDS = 60;

    private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
    private final ScheduledExecutorService executor =
            Executors.newSingleThreadScheduledExecutor(task -> {
                Thread made = Thread.ofPlatform().daemon().name("test-loop").unstarted(task);
                thread.set(made);
                return made;
            });
    final EventLoop loop =
            new ExecutorEventLoop(executor, () -> Thread.currentThread() == thread.get());

    /** Runs the call on the event loop and waits for its result. */
    <T> T call(Supplier<CompletableFuture<T>> call) {
        return CompletableFuture.supplyAsync(call, executor)
                .thenCompose(result -> result)
                .orTimeout(LONGEST_CALL_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** Runs the task on the event loop and waits for its end. */
    void run(Runnable task) {
        call(() -> {
            task.run();
            return CompletableFuture.completedFuture(true);
        });
    }

    /** Lets time pass while something must last or must not happen. */
    void pass(Duration time) {
        call(() -> {
            CompletableFuture<Boolean> passed = new CompletableFuture<>();
            loop.schedule(time, () -> passed.complete(true));
            return passed;
        });
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
