package io.millrace.server.grpc.flow;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Handles heartbeats of many streams in batches. Waking the loop for each heartbeat and a
 * connection for each response would cost more than all other work. The requests in flight per
 * stream bound the queue. Any thread.
 */
public final class HeartbeatBatcher {

    /** Delay of a batch, far below any session timeout. */
    private static final Duration EVERY = Duration.ofMillis(25);

    private final EventLoop loop;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isDue = new AtomicBoolean();

    public HeartbeatBatcher(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Adds a heartbeat to the next batch.
     *
     * @param answer the task that handles the heartbeat on the loop
     */
    public void add(Runnable answer) {
        waiting.add(answer);
        if (isDue.compareAndSet(false, true)) {
            loop.schedule(EVERY, this::answerAll);
        }
    }

    private void answerAll() {
        isDue.set(false);
        for (Runnable next = waiting.poll(); next != null; next = waiting.poll()) {
            next.run();
        }
    }
}
