package io.millrace.fetch.bucket;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Limits GETs in flight by number and by bytes. A bucket with high latency even for small objects
 * needs few bytes in flight. Loads with waiting readers are queued in order; the bytes of the
 * waiting replies bound the queue. Reads ahead use at most half of either limit and are never
 * queued. Owned by the fetch node's event loop.
 */
public final class LoadLimiter {

    private record Load(int bytes, Supplier<CompletableFuture<?>> start) {}

    private final int slots;
    private final long slotBytes;
    private final Queue<Load> waiting = new ArrayDeque<>();
    private int used;
    private long usedBytes;

    /**
     * Creates a limiter.
     *
     * @param slotBytes the maximum number of bytes in flight; a larger load runs alone
     */
    public LoadLimiter(int slots, long slotBytes) {
        this.slots = slots;
        this.slotBytes = slotBytes;
    }

    /** Returns whether a read ahead may start now. */
    public boolean hasSpareCapacity() {
        return waiting.isEmpty()
                && used < Math.max(1, slots / 2)
                && (used == 0 || usedBytes < slotBytes / 2);
    }

    /**
     * Starts a load as soon as the limits allow.
     *
     * @param bytes the size of the load in bytes
     * @param load the load to start; its future completes on the event loop
     */
    public void start(int bytes, Supplier<CompletableFuture<?>> load) {
        waiting.add(new Load(bytes, load));
        startQueued();
    }

    private void startQueued() {
        Load next = waiting.peek();
        while (next != null && fits(next)) {
            waiting.remove();
            begin(next);
            next = waiting.peek();
        }
    }

    private boolean fits(Load load) {
        return used == 0 || (used < slots && usedBytes + load.bytes() <= slotBytes);
    }

    private void begin(Load load) {
        used++;
        usedBytes += load.bytes();
        load.start()
                .get()
                .whenComplete((done, failure) -> {
                    used--;
                    usedBytes -= load.bytes();
                    startQueued();
                });
    }
}
