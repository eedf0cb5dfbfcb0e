package io.millrace.fetch;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * The bound on GETs in flight. Those that a reader waits for queue up in order: the queue is
 * bounded by the bytes of the replies that wait for it. What is only read ahead takes at most half
 * of the slots and never queues. Owned by the fetch node's loop.
 */
final class LoadSlots {

    private final int slots;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int used;

    LoadSlots(int slots) {
        this.slots = slots;
    }

    /** Whether a load that nobody waits for yet may start now. */
    boolean haveSpare() {
        return waiting.isEmpty() && used < Math.max(1, slots / 2);
    }

    /**
     * Starts the load when there is a slot for it.
     *
     * @param load gives a future that completes on the loop
     */
    void start(Supplier<CompletableFuture<?>> load) {
        if (used == slots) {
            waiting.add(() -> begin(load));
        } else {
            begin(load);
        }
    }

    private void begin(Supplier<CompletableFuture<?>> load) {
        used++;
        load.get().whenComplete((done, failure) -> free());
    }

    private void free() {
        used--;
        Runnable next = waiting.poll();
        if (next != null) {
            next.run();
        }
    }
}
