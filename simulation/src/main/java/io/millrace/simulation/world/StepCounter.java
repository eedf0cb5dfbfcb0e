package io.millrace.simulation.world;

/**
 * Counts a process's calls to etcd and the bucket, so that a fault can be injected before or after
 * any call.
 */
public final class StepCounter {

    private int left;
    private Runnable blow = () -> {};

    /** Runs the fault at the given step from now, counted from 1. */
    public void strikeAt(int step, Runnable newBlow) {
        left = step;
        blow = newBlow;
    }

    void spare() {
        left = 0;
    }

    void step() {
        if (left > 0 && --left == 0) {
            blow.run();
        }
    }
}
