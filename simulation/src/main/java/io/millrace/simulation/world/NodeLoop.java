package io.millrace.simulation.world;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * The only thread of a process. While paused, as by SIGSTOP, tasks wait and the clock continues.
 * Death drops all tasks.
 */
public final class NodeLoop implements EventLoop {

    private static final class Task implements Timer {
        private final Runnable work;
        private boolean cancelled;

        Task(Runnable work) {
            this.work = work;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    private final EventLoop world;
    private final ArrayDeque<Task> held = new ArrayDeque<>();
    private boolean running;
    private boolean paused;
    private long pausedNanos;
    private boolean dead;
    private long deathNanos;

    public NodeLoop(EventLoop world) {
        this.world = world;
    }

    @Override
    public void execute(Runnable work) {
        Task task = new Task(work);
        world.execute(() -> due(task));
    }

    @Override
    public boolean inLoop() {
        return running;
    }

    @Override
    public long nanoTime() {
        return world.nanoTime();
    }

    @Override
    public Timer schedule(Duration delay, Runnable work) {
        Task task = new Task(work);
        world.schedule(delay, () -> due(task));
        return task;
    }

    private void due(Task task) {
        if (dead || task.cancelled) {
            return;
        }
        if (paused || !held.isEmpty()) {
            held.add(task);
        } else {
            run(task);
        }
    }

    private void run(Task task) {
        boolean nested = running;
        running = true;
        try {
            task.work.run();
        } finally {
            running = nested;
        }
    }

    public void pause() {
        paused = true;
        pausedNanos = world.nanoTime();
    }

    public void resume() {
        paused = false;
        world.execute(this::runHeld);
    }

    private void runHeld() {
        if (dead || paused || held.isEmpty()) {
            return;
        }
        Task next = held.remove();
        if (!next.cancelled) {
            run(next);
        }
        world.execute(this::runHeld);
    }

    /** Returns the length of the current pause; zero if running. */
    public Duration pausedFor() {
        return paused ? Duration.ofNanos(world.nanoTime() - pausedNanos) : Duration.ZERO;
    }

    public void kill() {
        if (!dead) {
            deathNanos = world.nanoTime();
        }
        dead = true;
        held.clear();
    }

    public boolean isDead() {
        return dead;
    }

    /** Returns the time since the death; zero if alive. */
    Duration deadFor() {
        return dead ? Duration.ofNanos(world.nanoTime() - deathNanos) : Duration.ZERO;
    }

    public boolean isPaused() {
        return paused;
    }
}
