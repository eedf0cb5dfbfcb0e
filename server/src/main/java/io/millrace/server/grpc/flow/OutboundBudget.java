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
 * Bytes of answers that were handed to the transport and not yet taken by their readers. Owned by
 * the fetch node's loop. The less is left, the smaller are the answers it allows, so that many slow
 * readers do not stop a fast one; at the limit, fetches wait: first come those of connections that
 * have taken all they asked for, and among them the order in which they came. Where some wait, the
 * answers that nobody has taken for long are cut off, and the other fetches of those connections
 * are refused: who does not read holds others back for so long at most.
 */
public final class OutboundBudget {

    private static final int MIN_ANSWER_BYTES = 64 << 10;

    private final EventLoop loop;
    private final long limitBytes;
    private final Duration patience;
    private final Set<Waiter> waiting = new LinkedHashSet<>();
    private final Set<Answer> untaken = new LinkedHashSet<>();

    /** Written on the loop only. */
    private final AtomicLong takenBytes = new AtomicLong();

    private boolean watching;

    /**
     * A fetch that waits for room.
     *
     * @param go when there is room
     * @param reject when its connection does not read
     */
    public record Waiter(long connection, Runnable go, Runnable reject) {}

    /** An answer on its way to its reader. */
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

        /** Its reader has it, or went away. Harmless to repeat. */
        public void gone() {
            if (untaken.remove(this)) {
                takenBytes.addAndGet(-bytes);
                release();
            }
        }
    }

    /**
     * @param patience after which an answer may be cut off
     */
    public OutboundBudget(EventLoop loop, long limitBytes, Duration patience) {
        this.loop = loop;
        this.limitBytes = limitBytes;
        this.patience = patience;
    }

    public boolean hasRoom() {
        return takenBytes.get() < limitBytes;
    }

    /** Bytes of answers that their readers have not taken. Any thread. */
    public long takenBytes() {
        return takenBytes.get();
    }

    /** Lets the fetch go once, when there is room. */
    public void whenRoom(Waiter fetch) {
        if (hasRoom()) {
            fetch.go().run();
        } else {
            waiting.add(fetch);
            watch();
        }
    }

    /** Drops a fetch that waits for room. */
    public void forget(Waiter fetch) {
        waiting.remove(fetch);
    }

    /** How many fetches wait for room. */
    int waiting() {
        return waiting.size();
    }

    /** The largest answer that may be made now. */
    public int largestAnswerBytes() {
        return (int)
                Math.clamp(
                        (limitBytes - takenBytes.get()) / 4, MIN_ANSWER_BYTES, Integer.MAX_VALUE);
    }

    /**
     * Counts an answer until it is {@link Answer#gone}.
     *
     * @param cutOff ends the call, so that the transport lets go of the answer
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
