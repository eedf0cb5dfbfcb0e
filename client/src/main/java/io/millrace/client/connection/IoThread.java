package io.millrace.client.connection;

import io.millrace.client.error.MillraceException;
import io.millrace.runtime.SystemAccess;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The client's single I/O thread, which owns all state of sending and receiving. */
@SystemAccess("reads the system's monotonic clock")
public final class IoThread {

    private final EventLoop loop;

    public IoThread(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Runs a task later on this thread.
     *
     * @throws MillraceException.Closed if the client is closed
     */
    public void execute(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException over) {
            throw new MillraceException.Closed("The client is closed.");
        }
    }

    /** Runs a task at once on this thread, otherwise like {@link #execute}. */
    public void run(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            execute(task);
        }
    }

    public boolean isCurrent() {
        return loop.inEventLoop();
    }

    public void schedule(Duration delay, Runnable task) {
        var unused = loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    public long nanoTime() {
        return System.nanoTime();
    }
}
