package io.millrace.fetch.cache;

import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.Slice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Reads bytes of stream objects from recent writes or cached chunks. Owned by the fetch node's
 * event loop.
 */
public final class ObjectReader {

    /** Minimum ratio of chunk size to part size at which the part is copied. */
    private static final int MIN_COPY_RATIO = 4;

    /** Read ahead pauses while more than 1/3 of its limit is cached. */
    private static final int READ_AHEAD_DIVISOR = 3;

    /** A range of an object's runs. */
    public record ObjectRange(ObjectRef object, long position, long length) {}

    private final RecentWriteCache recentWrites;
    private final ChunkCache chunkCache;
    private final FetchMetrics metrics;

    public ObjectReader(RecentWriteCache hot, ChunkCache cold, FetchMetrics metrics) {
        this.recentWrites = hot;
        this.chunkCache = cold;
        this.metrics = metrics;
    }

    /** Returns whether reads of the object need no GET for the rest of the task. */
    public boolean isRecentWrite(ObjectRef object) {
        return recentWrites.find(object.id()) != null;
    }

    /**
     * Reads a range.
     *
     * @param following true near the end of a partition
     * @return completes on the event loop, at once if cached; fails with an {@link
     *     ObjectStoreException}
     */
    public CompletableFuture<List<Slice>> read(
            ObjectRef object, long position, int length, boolean following) {
        SealedObject sealed = recentWrites.find(object.id());
        if (sealed != null) {
            metrics.hotHit();
            return CompletableFuture.completedFuture(sealed.read(position, length));
        }
        int first = chunkCache.chunkAt(position);
        int last = chunkCache.chunkAt(position + length - 1);
        if (first == last) {
            CompletableFuture<byte[]> chunk = chunkCache.find(object, first, following);
            return chunk.thenApply(bytes -> List.of(part(bytes, first, position, length)));
        }
        List<CompletableFuture<byte[]>> chunks = new ArrayList<>();
        for (int chunk = first; chunk <= last; chunk++) {
            chunks.add(chunkCache.find(object, chunk, following));
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

    /**
     * Reads ahead for a sequential reader, in few and large loads.
     *
     * @param chunks the maximum number of cached chunks
     */
    public void readAhead(List<ObjectRange> parts, int chunks) {
        int left = chunks;
        int here = 0;
        List<Runnable> missing = new ArrayList<>();
        for (ObjectRange part : parts) {
            if (isRecentWrite(part.object()) || left == 0) {
                break;
            }
            int first = chunkCache.chunkAt(part.position());
            int last = chunkCache.chunkAt(part.position() + part.length() - 1);
            for (int i = first; i <= last && left > 0; i++, left--) {
                int chunk = i;
                if (!chunkCache.isCachedOrLoading(part.object(), chunk)) {
                    missing.add(() -> chunkCache.prefetch(part.object(), chunk));
                } else if (missing.isEmpty()) {
                    here++;
                }
            }
        }
        if (here <= chunks / READ_AHEAD_DIVISOR && chunkCache.hasSpareCapacity()) {
            missing.forEach(Runnable::run);
        }
    }

    /** Starts to load a range that follows a load in progress. */
    public void loadUpcoming(ObjectRef object, long position, long length, boolean following) {
        if (isRecentWrite(object)) {
            return;
        }
        int last = chunkCache.chunkAt(position + length - 1);
        for (int chunk = chunkCache.chunkAt(position); chunk <= last; chunk++) {
            chunkCache.loadUpcoming(object, chunk, following);
        }
    }

    private Slice part(byte[] bytes, int chunk, long position, int length) {
        long chunkStart = (long) chunk * chunkCache.chunkBytes();
        int from = (int) Math.max(0, position - chunkStart);
        int to = (int) Math.min(bytes.length, position + length - chunkStart);
        if ((to - from) * (long) MIN_COPY_RATIO < bytes.length) {
            // Otherwise a small reply from many objects would retain a whole chunk of each.
            return new Slice(Arrays.copyOfRange(bytes, from, to), 0, to - from);
        }
        return new Slice(bytes, from, to - from);
    }
}
