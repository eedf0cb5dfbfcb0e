package io.millrace.server.grpc.flow;

import io.millrace.runtime.loop.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory budget for responses that were handed to the transport and not yet read by their clients.
 * Owned by the fetch node's loop.
 *
 * <p>The maximum size of a response shrinks with the remaining budget, so that many slow readers do
 * not stop a fast one. When the budget is exhausted, fetches wait. Connections without unread
 * responses are served first, then first come, first served. While fetches wait, responses unread
 * for longer than a timeout are cut off, and further fetches of the same connections are rejected.
 * A reader that does not read therefore delays other readers only for that time.
 */
public final class OutboundBudget {

    private static final int MIN_ANSWER_BYTES = 64 << 10;

    private final EventLoop loop;
    private final long limitBytes;
    private final Duration patience;
    private final Set<Waiter> waiting = new LinkedHashSet<>();
    private final Set<Answer> untaken = new LinkedHashSet<>();

    /** Written only on the loop. */
    private final AtomicLong takenBytes = new AtomicLong();

    private boolean watching;

    /**
     * A fetch that waits for room.
     *
     * @param go called when there is room
     * @param reject called when the fetch's connection does not read
     */
    public record Waiter(long connection, Runnable go, Runnable reject) {}

    /** A response that its client has not read. */
    public final class Answer {

        private final long connection;
        private final int bytes;
        private final Runnable cutOff;
        private final long sentNanos = loop.nanoTime();

        private Answer(long connection, int bytes, Runnable cutOff) {
            this.connection = connection;
            this.bytes = bytes;
            this.cutOff = cutOff;
        }

        /** Releases the response's bytes: its client has read it or is disconnected. Idempotent. */
        public void gone() {
            if (untaken.remove(this)) {
                takenBytes.addAndGet(-bytes);
                release();
            }
        }
    }

    /**
     * @param patience the age at which an unread response may be cut off
     */
    public OutboundBudget(EventLoop loop, long limitBytes, Duration patience) {
        this.loop = loop;
        this.limitBytes = limitBytes;
        this.patience = patience;
    }

    public boolean hasRoom() {
        return takenBytes.get() < limitBytes;
    }

    /** Returns the bytes of unread responses. Any thread. */
    public long takenBytes() {
        return takenBytes.get();
    }

    /** Runs the fetch once, when there is room. */
    public void whenRoom(Waiter fetch) {
        if (hasRoom()) {
            fetch.go().run();
        } else {
            waiting.add(fetch);
            watch();
        }
    }

    /** Removes a fetch that waits for room. */
    public void forget(Waiter fetch) {
        waiting.remove(fetch);
    }

    /** Returns the number of fetches that wait for room. */
    int waiting() {
        return waiting.size();
    }

    /** Returns the maximum size of a response made now. */
    public int largestAnswerBytes() {
        return (int)
                Math.clamp(
                        (limitBytes - takenBytes.get()) / 4, MIN_ANSWER_BYTES, Integer.MAX_VALUE);
    }

    /**
     * Counts a response against the budget until {@link Answer#gone}.
     *
     * @param cutOff ends the call, so that the transport releases the response
     */
    public Answer take(long connection, int bytes, Runnable cutOff) {
        Answer answer = new Answer(connection, bytes, cutOff);
        untaken.add(answer);
        takenBytes.addAndGet(bytes);
        return answer;
    }

    private void release() {
        while (hasRoom() && !waiting.isEmpty()) {
            Waiter next = next();
            waiting.remove(next);
            next.go().run();
        }
    }

    private Waiter next() {
        Set<Long> after = new HashSet<>();
        untaken.forEach(answer -> after.add(answer.connection));
        return waiting.stream()
                .filter(fetch -> !after.contains(fetch.connection()))
                .findFirst()
                .orElseGet(() -> waiting.iterator().next());
    }

    private void watch() {
        if (watching || untaken.isEmpty()) {
            return;
        }
        watching = true;
        long age = loop.nanoTime() - untaken.iterator().next().sentNanos;
        loop.schedule(
                Duration.ofNanos(Math.max(0, patience.toNanos() - age)),
                () -> {
                    watching = false;
                    if (!waiting.isEmpty()) {
                        cutOffTheOld();
                        watch();
                    }
                });
    }

    private void cutOffTheOld() {
        long now = loop.nanoTime();
        List<Answer> old = new ArrayList<>();
        Set<Long> connections = new HashSet<>();
        for (Answer answer : untaken) {
            if (now - answer.sentNanos >= patience.toNanos()) {
                old.add(answer);
                connections.add(answer.connection);
            }
        }
        for (Waiter fetch : List.copyOf(waiting)) {
            if (connections.contains(fetch.connection())) {
                waiting.remove(fetch);
                fetch.reject().run();
            }
        }
        for (Answer answer : old) {
            answer.cutOff.run();
            answer.gone();
        }
    }
}
