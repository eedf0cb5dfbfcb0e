package io.millrace.simulation.world;

/**
 * Counts what a process asks of etcd and of the bucket, so that it can be hit before or after any
 * one of those steps.
 */
public final class StepCounter {

    private int left;
    private Runnable blow = () -> {};

    /** Strikes at the how-manieth step from now, from 1. */
    public void strikeAt(int step, Runnable newBlow) {
        left = step;
        blow = newBlow;
    }

    /** Strikes no more. */
    void spare() {
        left = 0;
    }

    void step() {
        if (left > 0 && --left == 0) {
            blow.run();
        }
    }
}
