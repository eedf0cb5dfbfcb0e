package io.millrace.runtime.loop;

import java.time.Duration;
import java.util.PriorityQueue;

/**
 * An {@link EventLoop} with virtual time: tasks run only inside {@link #runReady} and {@link
 * #advance}, on the calling thread. Not thread-safe.
 */
public final class SimulatedEventLoop implements EventLoop {

    private record Scheduled(long atNanos, long order, Runnable task)
            implements Comparable<Scheduled> {
        @Override
        public int compareTo(Scheduled other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Scheduled> queue = new PriorityQueue<>();
    private long nowNanos;
    private long nextOrder;
    private boolean running;

    @Override
    public void execute(Runnable task) {
        queue.add(new Scheduled(nowNanos, nextOrder++, task));
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
        Scheduled scheduled =
                new Scheduled(nowNanos + Math.max(0, delay.toNanos()), nextOrder++, task);
        queue.add(scheduled);
        return () -> queue.remove(scheduled);
    }

    /** Runs a task of the test on the event loop, then all due tasks. */
    public void call(Runnable task) {
        execute(task);
        runReady();
    }

    /** Runs all due tasks, including tasks that become due meanwhile. */
    public void runReady() {
        advance(Duration.ZERO);
    }

    /** Advances the time, running every task at its time. */
    public void advance(Duration by) {
        long until = nowNanos + by.toNanos();
        while (!queue.isEmpty() && queue.peek().atNanos() <= until) {
            Scheduled next = queue.remove();
            nowNanos = Math.max(nowNanos, next.atNanos());
            running = true;
            try {
                next.task().run();
            } finally {
                running = false;
            }
        }
        nowNanos = until;
    }

    /** Lets time pass without running a task, as while a task holds the loop. */
    public void stall(Duration by) {
        nowNanos += by.toNanos();
    }

    /** Returns whether no task is scheduled. */
    public boolean idle() {
        return queue.isEmpty();
    }
}
