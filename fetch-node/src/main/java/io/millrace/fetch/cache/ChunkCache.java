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
 * Chunks of objects that this process did not write, or no longer has whole: each is loaded once
 * however many ask for it, from the disk, from the node of the zone that loads the object, or by
 * one GET, and only whole verified pages get in. Bounded by bytes; a chunk in flight is not in the
 * cache yet. Owned by the fetch node's loop.
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
    private final AnnouncementHistory announced = new AnnouncementHistory();
    private final ChunkMemory memory;
    private final Map<ChunkKey, CompletableFuture<Chunk>> loading = new HashMap<>();

    /** Those of them that wait for nobody but the bucket. */
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
        this.maxExpected = (int) (settings.coldCacheBytes() / 4 / chunkBytes);
        this.disk = disk;
        this.bucket = bucket;
        this.neighbours = neighbours;
        this.slots = slots;
        this.zone = zone;
        this.metrics = metrics;
        this.memory = new ChunkMemory(settings.coldCacheBytes());
    }

    /** Bytes of a chunk, the last one of an object excepted. */
    int chunkBytes() {
        return chunkBytes;
    }

    /** The chunk that holds a byte of an object. */
    public int chunkAt(long position) {
        return (int) (position / chunkBytes);
    }

    /**
     * The verified bytes of a chunk.
     *
     * @param following whether whoever reads it follows the end of a partition
     */
    CompletableFuture<byte[]> find(ObjectRef object, int chunk, boolean following) {
        ChunkKey key = key(object, chunk);
        announced.asked(object.id(), chunk);
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
     * A chunk for another node of the zone. It never waits for what this node asked a peer for: two
     * that take each other for the loader would wait for each other. It says nothing of what
     * readers follow: two nodes that ask each other early would never stop.
     */
    public CompletableFuture<Chunk> findForPeer(ObjectRef object, int chunk) {
        ChunkKey key = key(object, chunk);
        Chunk cached = memory.find(key, false);
        return cached != null
                ? CompletableFuture.completedFuture(cached)
                : loadHere(key, () -> fromDisk(object, key, () -> fromBucket(object, key, true)));
    }

    /** Whether a chunk is here, or on its way. */
    boolean has(ObjectRef object, int chunk) {
        ChunkKey key = key(object, chunk);
        return memory.has(key) || loading.containsKey(key);
    }

    /** Whether there are connections to spare for loads that nobody waits for yet. */
    boolean haveSpare() {
        return slots.haveSpare() && zone.haveSpare();
    }

    /** Loads a chunk that a reader will ask for soon, and that is not here. */
    void prefetch(ObjectRef object, int chunk) {
        metrics.readAhead();
        var unused = load(object, key(object, chunk), true);
    }

    /**
     * Loads a chunk that will be asked for when another one is here, as if it were asked for now;
     * unless so many are being loaded that they might push each other out of the cache.
     *
     * @param following whether whoever reads it follows the end of a partition
     */
    void expect(ObjectRef object, int chunk, boolean following) {
        ChunkKey key = key(object, chunk);
        if (loading.size() < maxExpected && !loading.containsKey(key) && !memory.has(key)) {
            load(object, key, !following);
        }
    }

    /**
     * Loads an object that was just written elsewhere, or asks the one that loads it for the zone,
     * if readers here follow what is written and none waits for the connections.
     */
    public void announced(ObjectRef object, long nowNanos) {
        int chunks = object.indexPosition() == 0 ? 0 : chunkAt(object.indexPosition() - 1) + 1;
        boolean worthIt =
                announced.add(object.id(), chunks, nowNanos)
                        && slots.haveSpare()
                        && zone.haveSpare();
        metrics.announced(worthIt);
        for (int chunk = 0; worthIt && chunk < chunks; chunk++) {
            ChunkKey key = key(object, chunk);
            if (loading.size() < maxExpected && !loading.containsKey(key) && !memory.has(key)) {
                var unused = load(object, key, false).thenRun(() -> memory.find(key, true));
            }
        }
    }

    /** Where the chunk begins in its object. */
    public long start(int chunk) {
        return (long) chunk * chunkBytes;
    }

    /** Bytes that the chunk has. */
    public int length(ObjectRef object, int chunk) {
        return (int) Math.min(chunkBytes, object.indexPosition() - start(chunk));
    }

    private ChunkKey key(ObjectRef object, int chunk) {
        return new ChunkKey(object.id(), start(chunk));
    }

    /**
     * @param together whether neighbours should come by one GET: those who follow the end of a
     *     partition have the whole object sooner by many at once
     */
    private CompletableFuture<Chunk> load(ObjectRef object, ChunkKey key, boolean together) {
        return kept(key, fromDisk(object, key, () -> fromZone(object, key, together)), loading);
    }

    private CompletableFuture<Chunk> fromDisk(
            ObjectRef object, ChunkKey key, Supplier<CompletableFuture<Chunk>> otherwise) {
        return disk.read(key, length(object, chunkAt(key.position())))
                .thenCompose(found ->
                        found.map(CompletableFuture::completedFuture).orElseGet(otherwise));
    }

    private CompletableFuture<Chunk> fromZone(ObjectRef object, ChunkKey key, boolean together) {
        return zone.load(
                object,
                key.position(),
                length(object, chunkAt(key.position())),
                () -> loadHere(key, () -> fromBucket(object, key, together)));
    }

    /** What peers sent is not written: one copy on a disk is enough for a zone. */
    private CompletableFuture<Chunk> fromBucket(ObjectRef object, ChunkKey key, boolean together) {
        int wanted = chunkAt(key.position());
        if (bucket.isWholeCheaper(object, 2 * chunkBytes)) {
            return wholeFromBucket(object, wanted);
        }
        int length = length(object, wanted);
        return written(
                key,
                together
                        ? neighbours.load(object, key.position(), length)
                        : bucket.load(object, key.position(), length));
    }

    /** One GET for all chunks, and for the checksums. */
    private CompletableFuture<Chunk> wholeFromBucket(ObjectRef object, int wanted) {
        CompletableFuture<List<Chunk>> whole = bucket.loadWhole(object, chunkBytes);
        int chunks = chunkAt(object.indexPosition() - 1) + 1;
        for (int chunk = 0; chunk < chunks; chunk++) {
            ChunkKey key = key(object, chunk);
            int place = chunk;
            if (chunk != wanted && !memory.has(key)) {
                loadHere(key, () -> written(key, whole.thenApply(all -> all.get(place))));
            }
        }
        return written(key(object, wanted), whole.thenApply(all -> all.get(wanted)));
    }

    private CompletableFuture<Chunk> written(ChunkKey key, CompletableFuture<Chunk> load) {
        return load.thenApply(chunk -> {
            disk.write(key, chunk);
            return chunk;
        });
    }

    private CompletableFuture<Chunk> loadHere(
            ChunkKey key, Supplier<CompletableFuture<Chunk>> load) {
        CompletableFuture<Chunk> running = loadingHere.get(key);
        return running != null ? running : kept(key, load.get(), loadingHere);
    }

    /** A load that failed is not kept: whoever asks next tries again. */
    private CompletableFuture<Chunk> kept(
            ChunkKey key,
            CompletableFuture<Chunk> load,
            Map<ChunkKey, CompletableFuture<Chunk>> running) {
        running.put(key, load);
        CompletableFuture<Chunk> kept =
                load.whenComplete((chunk, failure) -> {
                    running.remove(key);
                    if (failure == null && !memory.has(key)) {
                        memory.add(key, chunk);
                        metrics.coldBytes(memory.bytes());
                    }
                });
        // Whoever waits for it finds it in memory.
        running.computeIfPresent(key, (same, unkept) -> kept);
        return kept;
    }
}
