package io.millrace.server.grpc;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Bytes of answers that were handed to the transport and not yet taken by their readers. Owned by
 * the fetch node's loop. The less is left, the smaller are the answers it allows, so that many slow
 * readers do not stop a fast one; at the limit, fetches wait in their order.
 */
final class OutboundBudget {

    private static final int LEAST_ANSWER_BYTES = 64 << 10;

    private final long limitBytes;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private long takenBytes;

    OutboundBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    boolean hasRoom() {
        return takenBytes < limitBytes;
    }

    /** Runs the task once, when there is room. */
    void whenRoom(Runnable task) {
        if (hasRoom()) {
            task.run();
        } else {
            waiting.add(task);
        }
    }

    /** The largest answer that may be made now. */
    int largestAnswerBytes() {
        return (int)
                Math.clamp((limitBytes - takenBytes) / 4, LEAST_ANSWER_BYTES, Integer.MAX_VALUE);
    }

    void take(int bytes) {
        takenBytes += bytes;
    }

    void giveBack(int bytes) {
        takenBytes -= bytes;
        while (hasRoom()) {
            Runnable next = waiting.poll();
            if (next == null) {
                return;
            }
            next.run();
        }
    }
}
