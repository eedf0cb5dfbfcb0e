package io.millrace.runtime.loop;

import io.millrace.runtime.SystemAccess;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * An {@link EventLoop} on a single-threaded scheduled executor. What a task throws is a bug and is
 * logged as an error, because executors drop it; the next tasks run.
 */
@SystemAccess("reads the machine's monotonic clock for the components that it owns")
public final class ExecutorEventLoop implements EventLoop {

    private static final System.Logger LOG = System.getLogger(ExecutorEventLoop.class.getName());

    private final ScheduledExecutorService executor;
    private final BooleanSupplier inLoop;
    private final LongConsumer taskNanos;

    /**
     * @param executor runs one task at a time; the caller shuts it down
     */
    public ExecutorEventLoop(ScheduledExecutorService executor, BooleanSupplier inLoop) {
        this(executor, inLoop, ignored -> {});
    }

    /**
     * @param executor runs one task at a time; the caller shuts it down
     * @param taskNanos the listener for the duration of each task, called on the event loop
     */
    public ExecutorEventLoop(
            ScheduledExecutorService executor, BooleanSupplier inLoop, LongConsumer taskNanos) {
        this.executor = executor;
        this.inLoop = inLoop;
        this.taskNanos = taskNanos;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(() -> run(task));
    }

    @Override
    public boolean inLoop() {
        return inLoop.getAsBoolean();
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        ScheduledFuture<?> future =
                executor.schedule(() -> run(task), delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> future.cancel(false);
    }

    private void run(Runnable task) {
        long startNanos = System.nanoTime();
        try {
            task.run();
        } catch (Throwable bug) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "A task of the event loop failed, which is a bug. Its component may no longer"
                            + " work: report the stack and restart the process.",
                    bug);
        }
        taskNanos.accept(System.nanoTime() - startNanos);
    }
}
