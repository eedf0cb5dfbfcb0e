package io.millrace.client.producer;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A bound on the bytes of unacknowledged records. Thread-safe; locks only while a caller waits. A
 * request larger than the whole budget is granted when nothing else is reserved.
 */
final class ProducerMemory {

    private final long limitBytes;
    private final AtomicLong reservedBytes = new AtomicLong();
    private final Object lock = new Object();
    private volatile int waiting;
    private volatile long lastRejectedBytes;
    private List<CompletableFuture<Void>> waiters = new ArrayList<>();

    ProducerMemory(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    boolean tryReserve(long bytes) {
        while (true) {
            long held = reservedBytes.get();
            if (!fits(held, bytes)) {
                lastRejectedBytes = bytes;
                return false;
            }
            if (reservedBytes.compareAndSet(held, held + bytes)) {
                return true;
            }
        }
    }

    private boolean fits(long held, long bytes) {
        return held == 0 || held + bytes <= limitBytes;
    }

    void release(long bytes) {
        reservedBytes.addAndGet(-bytes);
        if (waiting > 0) {
            wakeAll();
        }
    }

    long reservedBytes() {
        return reservedBytes.get();
    }

    /** Completes after the next release. */
    CompletableFuture<Void> whenReleased() {
        CompletableFuture<Void> waiter = new CompletableFuture<>();
        synchronized (lock) {
            waiters.add(waiter);
            waiting = waiters.size();
        }
        return waiter;
    }

    /** Completes when there is room for the size rejected last, or after the next release. */
    CompletableFuture<Void> whenAvailable() {
        if (fits(reservedBytes.get(), lastRejectedBytes)) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> released = whenReleased();
        // The bytes may have been released in between.
        if (fits(reservedBytes.get(), lastRejectedBytes)) {
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
