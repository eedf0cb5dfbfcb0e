package io.millrace.simulation.world;

/**
 * Counts a process's calls to etcd and the bucket, so that a fault can precede or follow any call.
 */
public final class StepCounter {

    private int remaining;
    private Runnable fault = () -> {};

    /** Runs the fault at a step from now, counted from 1. */
    public void runAtStep(int step, Runnable newBlow) {
        remaining = step;
        fault = newBlow;
    }

    void cancel() {
        remaining = 0;
    }

    void step() {
        if (remaining > 0 && --remaining == 0) {
            fault.run();
        }
    }
}
