package io.millrace.client.reader;

import io.millrace.client.error.MillraceException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What was fetched and not polled yet, between the I/O thread and the reader's caller. Its bound is
 * the fetcher's, which stops fetching at {@link ReaderSettings#prefetchBytes}.
 */
final class FetchBuffer {

    /** Something for the caller. */
    sealed interface Item {
        /** Batches of one partition, one behind the other. */
        record Batches(
                ReadCursor cursor,
                int epoch,
                java.nio.ByteBuffer bytes,
                long wantedOffset,
                long highWatermark)
                implements Item {}

        /** A failure that the caller must see. */
        record Failure(MillraceException failure) implements Item {}
    }

    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private @Nullable CompletableFuture<Void> waiter;
    private boolean closed;

    void add(Item item) {
        synchronized (this) {
            items.add(item);
        }
        wake();
    }

    /** Lets go of what it has, and wakes those who wait: nothing more is of use. */
    void close() {
        synchronized (this) {
            closed = true;
            items.clear();
        }
        wake();
    }

    private void wake() {
        CompletableFuture<Void> woken;
        synchronized (this) {
            woken = waiter;
            waiter = null;
        }
        if (woken != null) {
            woken.complete(null);
        }
    }

    synchronized void putBack(Item item) {
        items.addFirst(item);
    }

    synchronized List<Item> drain() {
        List<Item> drained = new ArrayList<>(items);
        items.clear();
        return drained;
    }

    /** Completes when there is something, or never will be. */
    synchronized CompletableFuture<Void> whenNotEmpty() {
        if (closed || !items.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<Void> current = waiter;
        if (current == null) {
            current = new CompletableFuture<>();
            waiter = current;
        }
        return current;
    }
}
