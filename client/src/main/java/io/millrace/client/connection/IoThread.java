package io.millrace.client.connection;

import io.millrace.client.error.MillraceException;
import io.millrace.runtime.SystemAccess;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The client's one I/O thread: the owner of everything that is sent and received. */
@SystemAccess("reads the machine's monotonic clock")
public final class IoThread {

    private final EventLoop loop;

    public IoThread(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Runs the task later on this thread.
     *
     * @throws MillraceException.Closed if the client is closed, so that nobody would run it
     */
    public void execute(Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException over) {
            throw new MillraceException.Closed("The client is closed.");
        }
    }

    /**
     * Runs the task at once if the caller is this thread, and later on it otherwise.
     *
     * @throws MillraceException.Closed if the client is closed, so that nobody would run it
     */
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
