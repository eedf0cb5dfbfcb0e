package io.millrace.fetch.bucket;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The bounds on GETs in flight: their number, and their bytes, of which a bucket that takes its
 * time for small objects too needs few. Those that a reader waits for queue up in order: the queue
 * is bounded by the bytes of the replies that wait for it. What is only read ahead takes at most
 * half of either and never queues. Owned by the fetch node's loop.
 */
public final class LoadLimiter {

    private record Load(int bytes, Supplier<CompletableFuture<?>> start) {}

    private final int slots;
    private final long slotBytes;
    private final Queue<Load> waiting = new ArrayDeque<>();
    private int used;
    private long usedBytes;

    /**
     * @param slots GETs at once
     * @param slotBytes bytes of them at once; one that alone has more runs alone
     */
    public LoadLimiter(int slots, long slotBytes) {
        this.slots = slots;
        this.slotBytes = slotBytes;
    }

    /** Whether a load that nobody waits for yet may start now. */
    public boolean haveSpare() {
        return waiting.isEmpty()
                && used < Math.max(1, slots / 2)
                && (used == 0 || usedBytes < slotBytes / 2);
    }

    /**
     * Starts the load when there is room for it.
     *
     * @param bytes that it brings
     * @param load gives a future that completes on the loop
     */
    public void start(int bytes, Supplier<CompletableFuture<?>> load) {
        waiting.add(new Load(bytes, load));
        startWhatFits();
    }

    private void startWhatFits() {
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
                    startWhatFits();
                });
    }
}
