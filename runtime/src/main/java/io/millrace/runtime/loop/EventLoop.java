package io.millrace.runtime.loop;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * A serial executor with a monotonic clock that owns mutable components. Tasks run in the order of
 * submission, see each other's writes and never block. Any thread.
 */
public interface EventLoop extends Executor {

    /** Runs the task later, never before this call returns. */
    @Override
    void execute(Runnable task);

    /** Returns whether the calling thread runs a task of this event loop. */
    boolean inLoop();

    /** Runs the task at once if the caller is on this event loop, otherwise later. */
    default void runNowOrLater(Runnable task) {
        if (inLoop()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /** Returns nanoseconds of a monotonic clock. Only differences are meaningful. */
    long nanoTime();

    /** Runs the task after the delay, unless cancelled before. */
    Timer schedule(Duration delay, Runnable task);

    /** A scheduled task. */
    interface Timer {
        /** Cancels the task if not started. Idempotent. */
        void cancel();
    }
}
