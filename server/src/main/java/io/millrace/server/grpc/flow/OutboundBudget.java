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
 * A memory budget for responses that clients have not read yet. Owned by the fetch node's loop.
 *
 * <p>The maximum size of a response shrinks with the remaining budget, so that slow readers do not
 * stop a fast reader. When the budget is exhausted, fetches wait. Connections without unread
 * responses are served first, then in order of arrival. While fetches wait, responses unread for
 * longer than a timeout are cut off, and further fetches of the same connections are rejected.
 */
public final class OutboundBudget {

    private static final int MIN_RESPONSE_BYTES = 64 << 10;

    private final EventLoop loop;
    private final long limitBytes;
    private final Duration readTimeout;
    private final Set<WaitingFetch> waitingFetches = new LinkedHashSet<>();
    private final Set<UnreadResponse> unread = new LinkedHashSet<>();

    /** Written only on the loop. */
    private final AtomicLong unreadBytes = new AtomicLong();

    private boolean cutOffScheduled;

    /**
     * A fetch that waits for room.
     *
     * @param reject called when the fetch's connection does not read
     */
    public record WaitingFetch(long connection, Runnable go, Runnable reject) {}

    /** A response that its client has not read. */
    public final class UnreadResponse {

        private final long connection;
        private final int bytes;
        private final Runnable cutOff;
        private final long sentNanos = loop.nanoTime();

        private UnreadResponse(long connection, int bytes, Runnable cutOff) {
            this.connection = connection;
            this.bytes = bytes;
            this.cutOff = cutOff;
        }

        /**
         * Releases the bytes after the client has read the response or disconnected. Idempotent.
         */
        public void releaseBytes() {
            if (unread.remove(this)) {
                unreadBytes.addAndGet(-bytes);
                runWaiting();
            }
        }
    }

    /**
     * @param patience the age at which an unread response may be cut off
     */
    public OutboundBudget(EventLoop loop, long limitBytes, Duration patience) {
        this.loop = loop;
        this.limitBytes = limitBytes;
        this.readTimeout = patience;
    }

    public boolean hasRoom() {
        return unreadBytes.get() < limitBytes;
    }

    /** Any thread. */
    public long unreadBytes() {
        return unreadBytes.get();
    }

    public void runWhenRoom(WaitingFetch fetch) {
        if (hasRoom()) {
            fetch.go().run();
        } else {
            waitingFetches.add(fetch);
            scheduleCutOff();
        }
    }

    public void cancel(WaitingFetch fetch) {
        waitingFetches.remove(fetch);
    }

    int waitingFetches() {
        return waitingFetches.size();
    }

    public int maxResponseBytes() {
        return (int)
                Math.clamp(
                        (limitBytes - unreadBytes.get()) / 4,
                        MIN_RESPONSE_BYTES,
                        Integer.MAX_VALUE);
    }

    /**
     * Counts a response against the budget until {@link UnreadResponse#releaseBytes}.
     *
     * @param cutOff ends the call, so that the transport releases the response
     */
    public UnreadResponse add(long connection, int bytes, Runnable cutOff) {
        UnreadResponse answer = new UnreadResponse(connection, bytes, cutOff);
        unread.add(answer);
        unreadBytes.addAndGet(bytes);
        return answer;
    }

    private void runWaiting() {
        while (hasRoom() && !waitingFetches.isEmpty()) {
            WaitingFetch next = nextFetch();
            waitingFetches.remove(next);
            next.go().run();
        }
    }

    private WaitingFetch nextFetch() {
        Set<Long> after = new HashSet<>();
        unread.forEach(answer -> after.add(answer.connection));
        return waitingFetches.stream()
                .filter(fetch -> !after.contains(fetch.connection()))
                .findFirst()
                .orElseGet(() -> waitingFetches.iterator().next());
    }

    private void scheduleCutOff() {
        if (cutOffScheduled || unread.isEmpty()) {
            return;
        }
        cutOffScheduled = true;
        long age = loop.nanoTime() - unread.iterator().next().sentNanos;
        loop.schedule(
                Duration.ofNanos(Math.max(0, readTimeout.toNanos() - age)),
                () -> {
                    cutOffScheduled = false;
                    if (!waitingFetches.isEmpty()) {
                        cutOffStalled();
                        scheduleCutOff();
                    }
                });
    }

    private void cutOffStalled() {
        long now = loop.nanoTime();
        List<UnreadResponse> old = new ArrayList<>();
        Set<Long> connections = new HashSet<>();
        for (UnreadResponse answer : unread) {
            if (now - answer.sentNanos >= readTimeout.toNanos()) {
                old.add(answer);
                connections.add(answer.connection);
            }
        }
        for (WaitingFetch fetch : List.copyOf(waitingFetches)) {
            if (connections.contains(fetch.connection())) {
                waitingFetches.remove(fetch);
                fetch.reject().run();
            }
        }
        for (UnreadResponse answer : old) {
            answer.cutOff.run();
            answer.releaseBytes();
        }
    }
}
