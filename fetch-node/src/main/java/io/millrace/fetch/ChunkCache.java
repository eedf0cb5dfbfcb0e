package io.millrace.fetch;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Chunks of objects that were loaded from the bucket, for consumers that catch up: each is loaded
 * by one GET however many ask for it, and only whole verified pages get in. Bounded by bytes; a
 * chunk in flight is not in the cache yet. Owned by the fetch node's loop.
 */
final class ChunkCache {

    private record ChunkKey(ObjectId object, int chunk) {}

    private final int chunkBytes;
    private final int mostExpected;
    private final Gets gets;
    private final ObjectIndexes indexes;
    private final LoadSlots slots;
    private final FetchMetrics metrics;
    private final Cache<ChunkKey, byte[]> cache;
    private final Map<ChunkKey, CompletableFuture<byte[]>> loading = new HashMap<>();

    ChunkCache(
            FetchSettings settings,
            Gets gets,
            ObjectIndexes indexes,
            LoadSlots slots,
            FetchMetrics metrics) {
        this.chunkBytes = settings.chunkBytes();
        this.mostExpected = (int) (settings.coldCacheBytes() / 4 / chunkBytes);
        this.gets = gets;
        this.indexes = indexes;
        this.slots = slots;
        this.metrics = metrics;
        // Evictions run inside the calls of the loop: nothing of this happens elsewhere.
        this.cache =
                Caffeine.newBuilder()
                        .maximumWeight(settings.coldCacheBytes())
                        .weigher((ChunkKey key, byte[] bytes) -> bytes.length)
                        .executor(Runnable::run)
                        .build();
    }

    /** Bytes of a chunk, the last one of an object excepted. */
    int chunkBytes() {
        return chunkBytes;
    }

    /** The chunk that holds a byte of an object. */
    int chunkAt(long position) {
        return (int) (position / chunkBytes);
    }

    /** The verified bytes of a chunk. */
    CompletableFuture<byte[]> find(ObjectRef object, int chunk) {
        ChunkKey key = new ChunkKey(object.id(), chunk);
        byte[] cached = cache.getIfPresent(key);
        if (cached != null) {
            metrics.coldHit();
            return CompletableFuture.completedFuture(cached);
        }
        metrics.miss();
        CompletableFuture<byte[]> running = loading.get(key);
        return running != null ? running : load(object, key);
    }

    /**
     * Loads a chunk that a reader will ask for soon, unless it is here already or loads that
     * readers wait for need the connections.
     */
    void prefetch(ObjectRef object, int chunk) {
        ChunkKey key = new ChunkKey(object.id(), chunk);
        if (slots.haveSpare() && !loading.containsKey(key) && cache.getIfPresent(key) == null) {
            metrics.readAhead();
            load(object, key);
        }
    }

    /**
     * Loads a chunk that will be asked for when another one is here, as if it were asked for now;
     * unless so many are being loaded that they might push each other out of the cache.
     */
    void expect(ObjectRef object, int chunk) {
        ChunkKey key = new ChunkKey(object.id(), chunk);
        if (loading.size() < mostExpected
                && !loading.containsKey(key)
                && cache.getIfPresent(key) == null) {
            load(object, key);
        }
    }

    private CompletableFuture<byte[]> load(ObjectRef object, ChunkKey key) {
        long start = (long) key.chunk() * chunkBytes;
        int length = (int) Math.min(chunkBytes, object.indexPosition() - start);
        CompletableFuture<byte[]> load =
                indexes.find(object)
                        .thenCompose(index ->
                                gets.get(
                                        object,
                                        new ByteRange(start, length),
                                        bytes -> {
                                            index.verify(start, bytes);
                                            return bytes;
                                        }));
        // A load that failed is not kept: whoever asks next tries again.
        loading.put(key, load);
        load.whenComplete((bytes, failure) -> {
            loading.remove(key);
            if (failure == null) {
                cache.put(key, bytes);
                metrics.coldBytes(cachedBytes());
            }
        });
        return load;
    }

    private long cachedBytes() {
        return cache.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }
}
