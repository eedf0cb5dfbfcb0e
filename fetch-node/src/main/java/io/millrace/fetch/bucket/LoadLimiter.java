package io.millrace.fetch.bucket;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A limit on GETs in flight, by number and by bytes. Loads with waiting readers are queued in
 * order; the bytes of waiting replies bound the queue. Reads ahead use at most half of either limit
 * and are never queued. Owned by the fetch node's event loop.
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

    /** Returns whether a read ahead may start. */
    public boolean hasSpareCapacity() {
        return waiting.isEmpty()
                && used < Math.max(1, slots / 2)
                && (used == 0 || usedBytes < slotBytes / 2);
    }

    /**
     * Starts a load as soon as the limits allow.
     *
     * @param load a load with a future that completes on the event loop
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
