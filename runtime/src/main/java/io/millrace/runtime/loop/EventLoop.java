package io.millrace.runtime.loop;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * A serial executor with a monotonic clock: the owner of mutable components. Tasks run one at a
 * time, in the order in which they were handed in, and see each other's writes. Tasks never block.
 *
 * <p>All methods may be called from any thread.
 */
public interface EventLoop extends Executor {

    /** Runs the task later on this loop, never before this call returns. */
    @Override
    void execute(Runnable task);

    /** Whether the calling thread is running a task of this loop. */
    boolean inLoop();

    /** Runs the task at once if the caller is on this loop, and later on it otherwise. */
    default void runNowOrLater(Runnable task) {
        if (inLoop()) {
            task.run();
        } else {
            execute(task);
        }
    }

    /** Nanoseconds of a clock that never goes backwards; only differences have a meaning. */
    long nanoTime();

    /** Runs the task on this loop after the delay, unless it is cancelled first. */
    Timer schedule(Duration delay, Runnable task);

    /** A task that waits for its time. */
    interface Timer {
        /** Prevents the task from running, if it has not begun. Harmless to repeat. */
        void cancel();
    }
}
