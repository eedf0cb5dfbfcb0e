package io.millrace.compaction.input;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.SequentialRead;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.Slice;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches of one object sequentially, one window ahead of the reader. Holds two windows, or
 * more if a batch spans more. Costs one request per range, except for an object in memory. Owned by
 * the executor.
 */
final class SequentialInput {

    private static final int MAX_WINDOWS = 2;

    /** A receiver of all loaded bytes, in order; must not keep the bytes. */
    @FunctionalInterface
    interface LoadListener {

        void onLoaded(long start, byte[] bytes);
    }

    private record Window(long start, byte[] bytes) {
        long end() {
            return start + bytes.length;
        }
    }

    private final ObjectStore bucket;
    private final ObjectId id;
    private final ObjectKey key;
    private final RecentObjects recent;
    private final Executor executor;
    private final Iterator<ByteRange> ranges;
    private final LoadListener listener;
    private final int windowBytes;
    private final ArrayDeque<Window> windows = new ArrayDeque<>();
    private @Nullable CompletableFuture<Void> loading;
    private @Nullable ByteRange range;

    private long position;

    private @Nullable SequentialRead read;
    private boolean closed;

    /**
     * @param ranges in order, all in the object's runs
     */
    SequentialInput(
            ObjectStore bucket,
            String cluster,
            ObjectId id,
            RecentObjects recent,
            List<ByteRange> ranges,
            LoadListener arrivals,
            int windowBytes,
            Executor executor) {
        this.bucket = bucket;
        this.id = id;
        this.key = id.key(cluster);
        this.recent = recent;
        this.ranges = ranges.iterator();
        this.listener = arrivals;
        this.windowBytes = windowBytes;
        this.executor = executor;
    }

    void startLoading() {
        if (loading == null && windows.isEmpty()) {
            loadAhead();
        }
    }

    /** Completes when the next window is loaded; starts loading if necessary. */
    CompletableFuture<Void> awaitData() {
        if (loading == null) {
            loading = load();
        }
        return loading;
    }

    private CompletableFuture<Void> load() {
        ByteRange from = range;
        if (from == null) {
            if (!ranges.hasNext()) {
                return CompletableFuture.failedFuture(
                        new IllegalStateException(key + ": read after the last range"));
            }
            from = ranges.next();
            range = from;
            position = from.start();
        }
        ByteRange window = from.part(position, (int) Math.min(windowBytes, from.end() - position));
        ByteRange rest = from.part(position, (int) (from.end() - position));
        return recent.find(id)
                .thenComposeAsync(
                        here ->
                                here.map(object -> fromMemory(object, window))
                                        .orElseGet(() -> read(rest, window.length())),
                        executor)
                .thenAcceptAsync(bytes -> addWindow(window, bytes), executor);
    }

    private CompletableFuture<byte[]> read(ByteRange rest, int length) {
        if (closed) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException(key + ": read after close"));
        }
        SequentialRead begun = read;
        if (begun == null) {
            begun = bucket.openRange(key, rest);
            read = begun;
        }
        return begun.next(length);
    }

    private void addWindow(ByteRange window, byte[] bytes) {
        listener.onLoaded(window.start(), bytes);
        windows.addLast(new Window(window.start(), bytes));
        position = window.end();
        if (range != null && position == range.end()) {
            range = null;
            release();
        }
        loading = null;
        loadAhead();
    }

    private void release() {
        if (read != null) {
            read.close();
            read = null;
        }
    }

    void close() {
        closed = true;
        windows.clear();
        release();
    }

    private CompletableFuture<byte[]> fromMemory(SealedObject object, ByteRange range) {
        // The open read would not continue at the end of this window.
        release();
        ByteBuffer bytes = ByteBuffer.allocate(range.length());
        for (Slice slice : object.read(range.start(), range.length())) {
            bytes.put(slice.array(), slice.offset(), slice.length());
        }
        return CompletableFuture.completedFuture(bytes.array());
    }

    private void loadAhead() {
        boolean more = range != null || ranges.hasNext();
        if (loading == null && windows.size() < MAX_WINDOWS && more && !closed) {
            loading = load();
        }
    }

    /**
     * Returns the batch at a position and releases all earlier bytes.
     *
     * @return null if {@link #awaitData} must complete first
     * @throws IllegalArgumentException if the bytes cannot be a batch within the maximum size
     */
    @Nullable Slice batch(long position, long max) {
        while (!windows.isEmpty() && windows.getFirst().end() <= position) {
            windows.removeFirst();
            loadAhead();
        }
        long here = bytesFrom(position);
        if (here < BatchHeader.BYTES && here < max) {
            return null;
        }
        if (max < BatchHeader.BYTES) {
            throw new IllegalArgumentException("%d bytes are too few for a batch".formatted(max));
        }
        Slice header = cut(position, BatchHeader.BYTES);
        long size = BatchHeader.sizeBytes(header.array(), header.offset());
        if (size < BatchHeader.BYTES || size > max) {
            throw new IllegalArgumentException(
                    "a batch of %d bytes, but at most %d are possible".formatted(size, max));
        }
        return here < size ? null : cut(position, (int) size);
    }

    private long bytesFrom(long position) {
        long end = position;
        for (Window window : windows) {
            if (window.start() > end) {
                break;
            }
            end = window.end();
        }
        return end - position;
    }

    private Slice cut(long position, int length) {
        Window first = windows.getFirst();
        int from = (int) (position - first.start());
        if (from + length <= first.bytes().length) {
            return new Slice(first.bytes(), from, length);
        }
        byte[] joined = new byte[length];
        int done = 0;
        for (Window window : windows) {
            int start = (int) (position + done - window.start());
            int part = Math.min(length - done, window.bytes().length - start);
            System.arraycopy(window.bytes(), start, joined, done, part);
            done += part;
            if (done == length) {
                break;
            }
        }
        return new Slice(joined, 0, length);
    }
}
