package io.millrace.compaction.rewrite;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Runs steps on an executor and waits for a future between two steps without occupying a thread. A
 * failed step or future ends the sequence. Owned by the executor.
 */
public final class StepLoop {

    private final Executor executor;
    private final Supplier<Optional<CompletableFuture<Void>>> step;
    private final Consumer<Throwable> failed;

    /**
     * @param executor runs one task at a time
     * @param step returns the future to wait for before the next step; empty after the last step
     * @param failed receives the failure, at most once
     */
    public StepLoop(
            Executor executor,
            Supplier<Optional<CompletableFuture<Void>>> step,
            Consumer<Throwable> failed) {
        this.executor = executor;
        this.step = step;
        this.failed = failed;
    }

    void start() {
        executor.execute(this::run);
    }

    /** Runs the first step before this call returns. Only on the executor. */
    public void run() {
        Optional<CompletableFuture<Void>> next;
        try {
            next = step.get();
        } catch (Throwable failure) {
            // The future of an asynchronous callback would discard the failure, and an error, as of
            // a missing native library, would end the lane forever.
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
