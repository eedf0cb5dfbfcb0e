package io.millrace.ingest;

import java.util.ArrayDeque;

/**
 * The memory of a node's blocks: counts what is in use, and says who must wait. Past the limit
 * nothing more should be read; what comes all the same, because it was on its way, is taken up to
 * the hard limit. Owned by the node's loop.
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

    /** Whether so many bytes may be taken even though there may be no room. */
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

    /** Runs the task once, as soon as there is room. */
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
