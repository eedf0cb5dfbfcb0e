package io.millrace.client.producer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the bytes of records that wait for their acknowledgement. Thread-safe; the lock is taken
 * only while somebody waits.
 *
 * <p>A request larger than the whole budget is granted when nothing else is held, so it cannot wait
 * for ever.
 */
final class ProducerMemory {

    private final long limitBytes;
    private final AtomicLong heldBytes = new AtomicLong();
    private final Object lock = new Object();
    private volatile int waiting;
    private volatile long lastRejectedBytes;
    private List<CompletableFuture<Void>> waiters = new ArrayList<>();

    ProducerMemory(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    boolean tryTake(long bytes) {
        while (true) {
            long held = heldBytes.get();
            if (!fits(held, bytes)) {
                lastRejectedBytes = bytes;
                return false;
            }
            if (heldBytes.compareAndSet(held, held + bytes)) {
                return true;
            }
        }
    }

    private boolean fits(long held, long bytes) {
        return held == 0 || held + bytes <= limitBytes;
    }

    void release(long bytes) {
        heldBytes.addAndGet(-bytes);
        if (waiting > 0) {
            wakeAll();
        }
    }

    long heldBytes() {
        return heldBytes.get();
    }

    /** Completes when bytes were released after this call: then it is worth another try. */
    CompletableFuture<Void> whenReleased() {
        CompletableFuture<Void> waiter = new CompletableFuture<>();
        synchronized (lock) {
            waiters.add(waiter);
            waiting = waiters.size();
        }
        return waiter;
    }

    /** Completes when there is room for what was last refused, or more room than now. */
    CompletableFuture<Void> whenRoom() {
        if (fits(heldBytes.get(), lastRejectedBytes)) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> released = whenReleased();
        // It may have been released in between.
        if (fits(heldBytes.get(), lastRejectedBytes)) {
            released.complete(null);
        }
        return released;
    }

    private void wakeAll() {
        List<CompletableFuture<Void>> woken;
        synchronized (lock) {
            woken = waiters;
            waiters = new ArrayList<>();
            waiting = 0;
        }
        woken.forEach(waiter -> waiter.complete(null));
    }
}
