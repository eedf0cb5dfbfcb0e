package io.millrace.server.grpc.flow;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks together at heartbeats that streams sent within some milliseconds: to wake the loop for
 * each of them, and a connection for each answer, costs more than all the rest. As many wait at
 * most as streams may have requests under way. Any thread.
 */
public final class HeartbeatBatcher {

    /** Far below what any session lasts. */
    private static final Duration EVERY = Duration.ofMillis(25);

    private final EventLoop loop;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isDue = new AtomicBoolean();

    public HeartbeatBatcher(EventLoop loop) {
        this.loop = loop;
    }

    /**
     * Adds a heartbeat to the next round.
     *
     * @param answer is run on the loop
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
