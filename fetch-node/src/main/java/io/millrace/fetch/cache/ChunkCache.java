package io.millrace.fetch.cache;

import io.millrace.fetch.bucket.CheckedLoads;
import io.millrace.fetch.bucket.LoadLimiter;
import io.millrace.fetch.bucket.NeighbourLoads;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.ChunkKey;
import io.millrace.fetch.chunk.ChunkStore;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.fetch.zone.ZoneChunks;
import io.millrace.storage.stream.ObjectRef;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A cache of chunks. Concurrent requests for a chunk share one load: from the disk, from the zone's
 * loader, or from the bucket. Holds only whole, verified pages. Bounded by bytes, not counting
 * loads in flight. Owned by the fetch node's event loop.
 */
public final class ChunkCache {

    private final int chunkBytes;
    private final int maxExpected;
    private final ChunkStore disk;
    private final CheckedLoads bucket;
    private final NeighbourLoads neighbours;
    private final LoadLimiter slots;
    private final ZoneChunks zone;
    private final FetchMetrics metrics;
    private final AnnouncementHistory objectAnnounced = new AnnouncementHistory();
    private final ChunkMemory memory;
    private final Map<ChunkKey, CompletableFuture<Chunk>> loading = new HashMap<>();

    /** The loads that depend on the disk and the bucket only. */
    private final Map<ChunkKey, CompletableFuture<Chunk>> loadingHere = new HashMap<>();

    public ChunkCache(
            FetchSettings settings,
            ChunkStore disk,
            ZoneChunks zone,
            CheckedLoads bucket,
            NeighbourLoads neighbours,
            LoadLimiter slots,
            FetchMetrics metrics) {
        this.chunkBytes = settings.chunkBytes();
        this.maxExpected = (int) (settings.chunkCacheBytes() / 4 / chunkBytes);
        this.disk = disk;
        this.bucket = bucket;
        this.neighbours = neighbours;
        this.slots = slots;
        this.zone = zone;
        this.metrics = metrics;
        this.memory = new ChunkMemory(settings.chunkCacheBytes());
    }

    /** Returns the size of a chunk. The last chunk of an object may be smaller. */
    int chunkBytes() {
        return chunkBytes;
    }

    public int chunkAt(long position) {
        return (int) (position / chunkBytes);
    }

    /**
     * Returns the verified bytes of a chunk.
     *
     * @param following true if the reader follows the end of a partition
     */
    CompletableFuture<byte[]> find(ObjectRef object, int chunk, boolean following) {
        ChunkKey key = key(object, chunk);
        objectAnnounced.requested(object.id(), chunk);
        Chunk cached = memory.find(key, following);
        if (cached != null) {
            metrics.coldHit();
            return CompletableFuture.completedFuture(cached.bytes());
        }
        metrics.miss();
        CompletableFuture<Chunk> running = loading.get(key);
        return (running != null ? running : load(object, key, !following))
                .thenApply(loaded -> {
                    memory.find(key, following);
                    return loaded.bytes();
                });
    }

    /**
     * Returns a chunk for another node of the zone. Never waits for a peer, which could in turn
     * wait for this node. Not recorded as a request, because mutual early loads would never stop.
     */
    public CompletableFuture<Chunk> findForPeer(ObjectRef object, int chunk) {
        ChunkKey key = key(object, chunk);
        Chunk cached = memory.find(key, false);
        return cached != null
                ? CompletableFuture.completedFuture(cached)
                : loadHere(key, () -> fromDisk(object, key, () -> fromBucket(object, key, true)));
    }

    /** Returns whether the chunk is in memory. */
    public boolean isCached(ObjectRef object, int chunk) {
        return memory.contains(key(object, chunk));
    }

    boolean isCachedOrLoading(ObjectRef object, int chunk) {
        ChunkKey key = key(object, chunk);
        return memory.contains(key) || loading.containsKey(key);
    }

    boolean hasSpareCapacity() {
        return slots.hasSpareCapacity() && zone.hasSpareCapacity();
    }

    /** Loads an uncached chunk ahead of a reader. */
    void prefetch(ObjectRef object, int chunk) {
        metrics.readAhead();
        var unused = load(object, key(object, chunk), true);
    }

    /**
     * Starts to load the next chunk of a reader, unless the chunks of loads in flight could evict
     * each other.
     */
    void loadUpcoming(ObjectRef object, int chunk, boolean following) {
        ChunkKey key = key(object, chunk);
        if (loading.size() < maxExpected && !loading.containsKey(key) && !memory.contains(key)) {
            load(object, key, !following);
        }
    }

    /**
     * Loads an announced object if readers follow new records and no reader waits for a connection.
     */
    public void objectAnnounced(ObjectRef object, long nowNanos) {
        int chunks = object.indexPosition() == 0 ? 0 : chunkAt(object.indexPosition() - 1) + 1;
        boolean worthIt =
                objectAnnounced.add(object.id(), chunks, nowNanos)
                        && slots.hasSpareCapacity()
                        && zone.hasSpareCapacity();
        metrics.announced(worthIt);
        for (int chunk = 0; worthIt && chunk < chunks; chunk++) {
            ChunkKey key = key(object, chunk);
            if (loading.size() < maxExpected
                    && !loading.containsKey(key)
                    && !memory.contains(key)) {
                var unused = load(object, key, false).thenRun(() -> memory.find(key, true));
            }
        }
    }

    public long start(int chunk) {
        return (long) chunk * chunkBytes;
    }

    public int length(ObjectRef object, int chunk) {
        return (int) Math.min(chunkBytes, object.indexPosition() - start(chunk));
    }

    private ChunkKey key(ObjectRef object, int chunk) {
        return new ChunkKey(object.id(), start(chunk));
    }

    /**
     * Loads and caches a chunk.
     *
     * @param together true to share a GET with adjacent chunks; parallel GETs are faster for
     *     readers at the end of a partition
     */
    private CompletableFuture<Chunk> load(ObjectRef object, ChunkKey key, boolean together) {
        return cachedWhenLoaded(
                key, fromDisk(object, key, () -> fromZone(object, key, together)), loading);
    }

    private CompletableFuture<Chunk> fromDisk(
            ObjectRef object, ChunkKey key, Supplier<CompletableFuture<Chunk>> otherwise) {
        return disk.read(key, length(object, chunkAt(key.position())))
                .thenCompose(found ->
                        found.map(CompletableFuture::completedFuture).orElseGet(otherwise));
    }

    private CompletableFuture<Chunk> fromZone(ObjectRef object, ChunkKey key, boolean together) {
        Supplier<CompletableFuture<Chunk>> load =
                () -> loadHere(key, () -> fromBucket(object, key, together));
        return zone.load(object, key.position(), length(object, chunkAt(key.position())), load)
                .thenCompose(chunk ->
                        bucket.contradictsIndex(object, key.position(), chunk)
                                ? load.get()
                                : CompletableFuture.completedFuture(chunk));
    }

    /**
     * Loads a chunk and writes the chunk to the disk. Chunks of peers are not written, because one
     * disk copy per zone suffices.
     */
    private CompletableFuture<Chunk> fromBucket(ObjectRef object, ChunkKey key, boolean together) {
        int wanted = chunkAt(key.position());
        if (bucket.isWholeCheaper(object, 2 * chunkBytes)) {
            return wholeFromBucket(object, wanted);
        }
        int length = length(object, wanted);
        return writtenToDisk(
                key,
                together
                        ? neighbours.load(object, key.position(), length)
                        : bucket.load(object, key.position(), length));
    }

    /** Loads an object with its index by one GET. */
    private CompletableFuture<Chunk> wholeFromBucket(ObjectRef object, int wanted) {
        CompletableFuture<List<Chunk>> whole = bucket.loadWhole(object, chunkBytes);
        int chunks = chunkAt(object.indexPosition() - 1) + 1;
        for (int chunk = 0; chunk < chunks; chunk++) {
            ChunkKey key = key(object, chunk);
            int place = chunk;
            if (chunk != wanted && !memory.contains(key)) {
                loadHere(key, () -> writtenToDisk(key, whole.thenApply(all -> all.get(place))));
            }
        }
        return writtenToDisk(key(object, wanted), whole.thenApply(all -> all.get(wanted)));
    }

    private CompletableFuture<Chunk> writtenToDisk(ChunkKey key, CompletableFuture<Chunk> load) {
        return load.thenApply(chunk -> {
            disk.write(key, chunk);
            return chunk;
        });
    }

    private CompletableFuture<Chunk> loadHere(
            ChunkKey key, Supplier<CompletableFuture<Chunk>> load) {
        CompletableFuture<Chunk> running = loadingHere.get(key);
        return running != null ? running : cachedWhenLoaded(key, load.get(), loadingHere);
    }

    /** Registers a load and caches its chunk. A failed load is not cached. */
    private CompletableFuture<Chunk> cachedWhenLoaded(
            ChunkKey key,
            CompletableFuture<Chunk> load,
            Map<ChunkKey, CompletableFuture<Chunk>> running) {
        running.put(key, load);
        CompletableFuture<Chunk> kept =
                load.whenComplete((chunk, failure) -> {
                    running.remove(key);
                    if (failure == null && !memory.contains(key)) {
                        memory.add(key, chunk);
                        metrics.coldBytes(memory.bytes());
                    }
                });
        // Callers that wait find the chunk in the cache.
        running.computeIfPresent(key, (same, unkept) -> kept);
        return kept;
    }
}
