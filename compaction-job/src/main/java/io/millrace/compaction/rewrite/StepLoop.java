package io.millrace.compaction.rewrite;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A loop on an executor that waits for a future between two steps, without holding a thread. A step
 * that throws, or a future that fails, ends the loop with that failure. Owned by the executor.
 */
public final class StepLoop {

    private final Executor executor;
    private final Supplier<Optional<CompletableFuture<Void>>> step;
    private final Consumer<Throwable> failed;

    /**
     * @param executor runs one task at a time
     * @param step returns the future that ends before the next step, or empty after the last step
     * @param failed receives the failure of the loop, at most once
     */
    public StepLoop(
            Executor executor,
            Supplier<Optional<CompletableFuture<Void>>> step,
            Consumer<Throwable> failed) {
        this.executor = executor;
        this.step = step;
        this.failed = failed;
    }

    /** Runs the first step, on the executor. Any thread. */
    void start() {
        executor.execute(this::run);
    }

    /** Runs the first step before this call returns. Only on the executor. */
    public void run() {
        Optional<CompletableFuture<Void>> next;
        try {
            next = step.get();
        } catch (RuntimeException failure) {
            // A future's callback would discard the failure, and the loop would never end.
            failed.accept(failure);
            return;
        }
        next.ifPresent(this::runAfter);
    }

    private void runAfter(CompletableFuture<Void> next) {
        var unused =
                next.whenCompleteAsync(
                        (done, failure) -> {
                            if (failure == null) {
                                run();
                            } else {
                                failed.accept(failure);
                            }
                        },
                        executor);
    }
}
