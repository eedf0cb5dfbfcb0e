package io.millrace.ingest;

import java.util.ArrayDeque;

/**
 * The memory budget of a node's blocks. Above the limit, connections should not be read; requests
 * in flight are accepted up to 125%. Owned by the node's event loop.
 */
final class MemoryBudget {

    private final long limitBytes;
    private final long hardLimitBytes;
    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private long usedBytes;

    MemoryBudget(long limitBytes) {
        this.limitBytes = limitBytes;
        this.hardLimitBytes = limitBytes + limitBytes / 4;
    }

    boolean hasRoom() {
        return usedBytes < limitBytes;
    }

    boolean mayTake(long bytes) {
        return usedBytes + bytes <= hardLimitBytes;
    }

    void take(long bytes) {
        usedBytes += bytes;
    }

    void release(long bytes) {
        usedBytes -= bytes;
        while (hasRoom() && !waiting.isEmpty()) {
            waiting.remove().run();
        }
    }

    void whenRoom(Runnable task) {
        if (hasRoom()) {
            task.run();
        } else {
            waiting.add(task);
        }
    }

    long usedBytes() {
        return usedBytes;
    }
}
