package io.millrace.fetch;

import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Bytes of stream objects: from those just written in this process, else from the chunks of the
 * bucket. Owned by the fetch node's loop.
 */
final class ObjectReader {

    /** A part this many times smaller than its chunk is copied out of it. */
    private static final int COPY_BELOW = 4;

    private final HotObjects hot;
    private final ChunkCache cold;
    private final FetchMetrics metrics;

    ObjectReader(HotObjects hot, ChunkCache cold, FetchMetrics metrics) {
        this.hot = hot;
        this.cold = cold;
        this.metrics = metrics;
    }

    /** Whether reading the object needs no GET for as long as the current task runs. */
    boolean isHot(ObjectRef object) {
        return hot.find(object.id()) != null;
    }

    /**
     * Reads a part of an object's runs.
     *
     * @param following whether the end of a partition is near it
     * @return completes on the loop, at once if the bytes are here; fails with an {@link
     *     ObjectStoreException}
     */
    CompletableFuture<List<Slice>> read(
            ObjectRef object, long position, int length, boolean following) {
        SealedObject sealed = hot.find(object.id());
        if (sealed != null) {
            metrics.hotHit();
            return CompletableFuture.completedFuture(sealed.read(position, length));
        }
        int first = cold.chunkAt(position);
        int last = cold.chunkAt(position + length - 1);
        if (first == last) {
            CompletableFuture<byte[]> chunk = cold.find(object, first, following);
            return chunk.thenApply(bytes -> List.of(part(bytes, first, position, length)));
        }
        List<CompletableFuture<byte[]>> chunks = new ArrayList<>();
        for (int chunk = first; chunk <= last; chunk++) {
            chunks.add(cold.find(object, chunk, following));
        }
        return CompletableFuture.allOf(chunks.toArray(CompletableFuture[]::new))
                .thenApply(all -> {
                    List<Slice> slices = new ArrayList<>();
                    for (int i = 0; i < chunks.size(); i++) {
                        slices.add(part(chunks.get(i).join(), first + i, position, length));
                    }
                    return slices;
                });
    }

    /** Starts to load the chunks of a part that are not here; at most so many. */
    int prefetch(ObjectRef object, long position, long length, int most) {
        if (isHot(object)) {
            return 0;
        }
        int first = cold.chunkAt(position);
        int count = Math.min(most, cold.chunkAt(position + length - 1) - first + 1);
        for (int chunk = first; chunk < first + count; chunk++) {
            cold.prefetch(object, chunk);
        }
        return count;
    }

    /** Starts to load what will be read when something else is here. */
    void expect(ObjectRef object, long position, long length) {
        if (isHot(object)) {
            return;
        }
        int last = cold.chunkAt(position + length - 1);
        for (int chunk = cold.chunkAt(position); chunk <= last; chunk++) {
            cold.expect(object, chunk);
        }
    }

    private Slice part(byte[] bytes, int chunk, long position, int length) {
        long chunkStart = (long) chunk * cold.chunkBytes();
        int from = (int) Math.max(0, position - chunkStart);
        int to = (int) Math.min(bytes.length, position + length - chunkStart);
        if ((to - from) * (long) COPY_BELOW < bytes.length) {
            // Else a reply of a few bytes from many objects would keep as many whole chunks alive.
            return new Slice(Arrays.copyOfRange(bytes, from, to), 0, to - from);
        }
        return new Slice(bytes, from, to - from);
    }
}
