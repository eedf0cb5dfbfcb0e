package io.millrace.client.reader;

import io.millrace.client.error.MillraceException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The queue of fetched batches between the I/O thread and the reader's caller. Thread-safe. Bounded
 * by the {@link PartitionFetcher}.
 */
final class FetchBuffer {

    sealed interface Item {
        record Batches(
                ReadCursor cursor,
                int epoch,
                java.nio.ByteBuffer bytes,
                long wantedOffset,
                long highWatermark)
                implements Item {}

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

    /** Completes when the buffer is not empty or is closed. */
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
