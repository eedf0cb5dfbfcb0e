package io.millrace.it.faults;

import io.millrace.runtime.SystemAccess;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Limits a transfer to a number of bytes per second. Not thread-safe. */
@SystemAccess("waits until bytes are due")
final class Pacer {

    /** Shorter waits are accumulated, since a wait has a cost of its own. */
    private static final long MIN_WAIT_NANOS = 2_000_000;

    private final double nanosPerByte;
    private final long startNanos = System.nanoTime();
    private double dueNanos;

    Pacer(long bytesPerSecond) {
        this.nanosPerByte = 1e9 / bytesPerSecond;
    }

    /** Waits until the given number of further bytes may be sent. */
    void await(int bytes) {
        dueNanos += bytes * nanosPerByte;
        long ahead = startNanos + (long) dueNanos - System.nanoTime();
        if (ahead > MIN_WAIT_NANOS) {
            sleep(Duration.ofNanos(ahead));
        }
    }

    static void sleep(Duration duration) {
        long due = System.nanoTime() + duration.toNanos();
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
            LockSupport.parkNanos(left);
        }
    }
}
