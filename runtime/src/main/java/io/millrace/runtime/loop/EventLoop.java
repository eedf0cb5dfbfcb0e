package io.millrace.runtime.loop;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * A serial executor with a monotonic clock, which owns mutable components. Tasks run one at a time
 * in the order of submission and see each other's writes. Tasks never block.
 *
 * <p>All methods may be called from any thread.
 */
public interface EventLoop extends Executor {

    /** Runs the task later on this event loop, never before this call returns. */
    @Override
    void execute(Runnable task);

    /** Returns whether the calling thread is running a task of this event loop. */
    boolean inLoop();

    /** Runs the task at once if the caller is on this event loop, otherwise later. */
    default void runNowOrLater(Runnable task) {
        if (inLoop()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /** Returns the time of a monotonic clock in nanoseconds. Only differences are meaningful. */
    long nanoTime();

    /** Runs the task on this event loop after the delay, unless the timer is cancelled before. */
    Timer schedule(Duration delay, Runnable task);

    /** A scheduled task. */
    interface Timer {
        /** Cancels the task if it has not started. Idempotent. */
        void cancel();
    }
}
