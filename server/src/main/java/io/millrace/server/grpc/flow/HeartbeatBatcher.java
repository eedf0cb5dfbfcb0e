package io.millrace.server.grpc.flow;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Handles heartbeats of many streams in batches. Otherwise, waking the loop for each heartbeat and
 * a connection for each response would cost most. The requests in flight per stream bound the
 * queue. Any thread.
 */
public final class HeartbeatBatcher {

    /** Far below any session timeout. */
    private static final Duration BATCH_DELAY = Duration.ofMillis(25);

    private final EventLoop loop;
    private final Queue<Runnable> pending = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean isScheduled = new AtomicBoolean();

    public HeartbeatBatcher(EventLoop loop) {
        this.loop = loop;
    }

    /** The handling runs on the loop. */
    public void add(Runnable answer) {
        pending.add(answer);
        if (isScheduled.compareAndSet(false, true)) {
            loop.schedule(BATCH_DELAY, this::runBatch);
        }
    }

    private void runBatch() {
        isScheduled.set(false);
        for (Runnable next = pending.poll(); next != null; next = pending.poll()) {
            next.run();
        }
    }
}
