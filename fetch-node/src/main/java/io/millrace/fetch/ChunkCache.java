package io.millrace.fetch;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Chunks of objects that this process did not write, or no longer has whole: each is loaded once
 * however many ask for it, from the node of the zone that loads the object or by one GET, and only
 * whole verified pages get in. Bounded by bytes; a chunk in flight is not in the cache yet. Owned
 * by the fetch node's loop.
 */
final class ChunkCache {

    private record ChunkKey(ObjectId object, int chunk) {}

    private final int chunkBytes;
    private final int mostExpected;
    private final CheckedLoads loads;
    private final LoadSlots slots;
    private final ZoneChunks zone;
    private final FetchMetrics metrics;
    private final Cache<ChunkKey, Chunk> cache;
    private final Map<ChunkKey, CompletableFuture<Chunk>> loading = new HashMap<>();

    /** Those of them that wait for nobody but the bucket. */
    private final Map<ChunkKey, CompletableFuture<Chunk>> loadingHere = new HashMap<>();

    ChunkCache(
            FetchSettings settings,
            CheckedLoads loads,
            LoadSlots slots,
            ZoneChunks zone,
            FetchMetrics metrics) {
        this.chunkBytes = settings.chunkBytes();
        this.mostExpected = (int) (settings.coldCacheBytes() / 4 / chunkBytes);
        this.loads = loads;
        this.slots = slots;
        this.zone = zone;
        this.metrics = metrics;
        // Evictions run inside the calls of the loop: nothing of this happens elsewhere.
        this.cache =
                Caffeine.newBuilder()
                        .maximumWeight(settings.coldCacheBytes())
                        .weigher((ChunkKey key, Chunk chunk) -> chunk.bytes().length)
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
        Chunk cached = cache.getIfPresent(key);
        if (cached != null) {
            metrics.coldHit();
            return CompletableFuture.completedFuture(cached.bytes());
        }
        metrics.miss();
        CompletableFuture<Chunk> running = loading.get(key);
        return (running != null ? running : load(object, key)).thenApply(Chunk::bytes);
    }

    /**
     * A chunk for another node of the zone. It never waits for what this node asked a peer for: two
     * that take each other for the loader would wait for each other.
     */
    CompletableFuture<Chunk> findForPeer(ObjectRef object, int chunk) {
        ChunkKey key = new ChunkKey(object.id(), chunk);
        Chunk cached = cache.getIfPresent(key);
        return cached != null ? CompletableFuture.completedFuture(cached) : loadHere(object, key);
    }

    /**
     * Loads a chunk that a reader will ask for soon, unless it is here already or loads that
     * readers wait for need the connections.
     */
    void prefetch(ObjectRef object, int chunk) {
        ChunkKey key = new ChunkKey(object.id(), chunk);
        if (slots.haveSpare()
                && zone.haveSpare()
                && !loading.containsKey(key)
                && cache.getIfPresent(key) == null) {
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

    /** Where the chunk begins in its object. */
    long start(int chunk) {
        return (long) chunk * chunkBytes;
    }

    /** Bytes that the chunk has. */
    int length(ObjectRef object, int chunk) {
        return (int) Math.min(chunkBytes, object.indexPosition() - start(chunk));
    }

    private CompletableFuture<Chunk> load(ObjectRef object, ChunkKey key) {
        CompletableFuture<Chunk> load =
                zone.load(
                        object,
                        start(key.chunk()),
                        length(object, key.chunk()),
                        () -> loadHere(object, key));
        return kept(key, load, loading);
    }

    private CompletableFuture<Chunk> loadHere(ObjectRef object, ChunkKey key) {
        CompletableFuture<Chunk> running = loadingHere.get(key);
        return running != null
                ? running
                : kept(
                        key,
                        loads.load(object, start(key.chunk()), length(object, key.chunk())),
                        loadingHere);
    }

    /** A load that failed is not kept: whoever asks next tries again. */
    private CompletableFuture<Chunk> kept(
            ChunkKey key,
            CompletableFuture<Chunk> load,
            Map<ChunkKey, CompletableFuture<Chunk>> running) {
        running.put(key, load);
        load.whenComplete((chunk, failure) -> {
            running.remove(key);
            if (failure == null && cache.getIfPresent(key) == null) {
                cache.put(key, chunk);
                metrics.coldBytes(cachedBytes());
            }
        });
        return load;
    }

    private long cachedBytes() {
        return cache.policy().eviction().orElseThrow().weightedSize().orElse(0);
    }
}
