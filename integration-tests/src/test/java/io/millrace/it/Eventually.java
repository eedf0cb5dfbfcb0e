package io.millrace.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.runtime.SystemAccess;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions that other processes bring about. Thread-safe. */
@SystemAccess("waits for processes in real time")
final class Eventually {

    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(90);
    private static final long CHECK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private Eventually() {}

    /**
     * Waits until a condition is true.
     *
     * @param what the condition, for the message of a failure
     */
    static void await(String what, BooleanSupplier so) {
        await(() -> what, so);
    }

    /**
     * @param what called for the message of a failure
     */
    static void await(Supplier<String> what, BooleanSupplier so) {
        long endNanos = System.nanoTime() + LONGEST_NANOS;
        while (!so.getAsBoolean()) {
            assertThat(System.nanoTime() - endNanos).as(what).isNegative();
            LockSupport.parkNanos(CHECK_EVERY_NANOS);
        }
    }
}
