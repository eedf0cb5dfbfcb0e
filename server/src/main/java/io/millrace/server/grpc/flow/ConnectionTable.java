package io.millrace.server.grpc.flow;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The open connections by peer address. Selects the connection that is closed to make room for
 * another: one without open calls, of the address with the most connections, idle for longest. Any
 * thread.
 */
public final class ConnectionTable {

    /** An open connection. Its event loop reports the open calls. */
    static final class Entry {

        private final Object peer;
        private final Supplier<CompletableFuture<Boolean>> closing;
        private volatile long idleSinceNanos;
        private volatile boolean busy;
        private boolean selected;

        private Entry(Object peer, Supplier<CompletableFuture<Boolean>> closing, long nowNanos) {
            this.peer = peer;
            this.closing = closing;
            this.idleSinceNanos = nowNanos;
        }

        void setOpenCalls(int calls, long nowNanos) {
            idleSinceNanos = nowNanos;
            busy = calls > 0;
        }

        private boolean isIdle() {
            return !busy && !selected;
        }
    }

    private final Set<Entry> open = new HashSet<>();
    private final Map<Object, Integer> byPeer = new HashMap<>();
    private long evicted;

    /**
     * @param closing closes the connection unless it has open calls; its future completes on any
     *     thread, with true after the connection has released its window
     */
    synchronized Entry add(
            Object peer, Supplier<CompletableFuture<Boolean>> closing, long nowNanos) {
        Entry entry = new Entry(peer, closing, nowNanos);
        open.add(entry);
        byPeer.merge(peer, 1, Integer::sum);
        return entry;
    }

    synchronized void remove(Entry entry) {
        if (open.remove(entry)) {
            byPeer.computeIfPresent(
                    entry.peer, (peer, connections) -> connections == 1 ? null : connections - 1);
        }
    }

    /**
     * Closes a connection without open calls.
     *
     * @return completes on any thread with true after the close, or false if there is no such
     *     connection
     */
    CompletableFuture<Boolean> evict() {
        return select().map(entry ->
                        entry.closing
                                .get()
                                .thenApply(closed -> {
                                    selectionEnded(entry, closed);
                                    return closed;
                                }))
                .orElseGet(() -> CompletableFuture.completedFuture(false));
    }

    private synchronized Optional<Entry> select() {
        @Nullable Entry best = null;
        for (Entry entry : open) {
            if (entry.isIdle() && (best == null || isBetter(entry, best))) {
                best = entry;
            }
        }
        if (best != null) {
            best.selected = true;
        }
        return Optional.ofNullable(best);
    }

    private boolean isBetter(Entry entry, Entry than) {
        int more = connections(entry) - connections(than);
        return more > 0 || (more == 0 && entry.idleSinceNanos - than.idleSinceNanos < 0);
    }

    private int connections(Entry entry) {
        return byPeer.getOrDefault(entry.peer, 0);
    }

    private synchronized void selectionEnded(Entry entry, boolean closed) {
        entry.selected = false;
        if (closed) {
            evicted++;
        }
    }

    /** Returns the number of connections that were closed to make room. */
    public synchronized long evicted() {
        return evicted;
    }
}
