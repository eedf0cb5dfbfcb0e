package io.millrace.fetch;

import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.millrace.fetch.bucket.CheckedLoads;
import io.millrace.fetch.bucket.LoadLimiter;
import io.millrace.fetch.bucket.NeighbourLoads;
import io.millrace.fetch.cache.ChunkCache;
import io.millrace.fetch.cache.ObjectReader;
import io.millrace.fetch.cache.RecentWriteCache;
import io.millrace.fetch.chunk.ChunkStore;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.fetch.zone.Zone;
import io.millrace.fetch.zone.ZoneChunks;

/**
 * The fetches that read from the bucket only. Each has a small cache of its own that starts empty,
 * so that it sees what the bucket holds; there are few at a time, because each costs GETs and the
 * memory of its cache. Owned by the fetch node's event loop.
 */
final class BucketFetches {

    /** Limit of open fetches of a node, and so of their caches: 32 MiB with chunks of 1 MiB. */
    static final int MAX_OPEN = 4;

    private static final int CHUNKS_OF_A_FETCH = 8;

    private final FetchSettings settings;
    private final ReadPath shared;
    private final CheckedLoads bucket;
    private final NeighbourLoads neighbours;
    private final LoadLimiter slots;

    /** Discarded: a cache of one fetch would distort the metrics of the node's caches. */
    private final FetchMetrics discarded = new FetchMetrics(new CompositeMeterRegistry());

    private int open;

    /**
     * @param shared the path of other fetches
     */
    BucketFetches(
            FetchSettings settings,
            ReadPath shared,
            CheckedLoads bucket,
            NeighbourLoads neighbours,
            LoadLimiter slots) {
        this.settings =
                new FetchSettings(
                        settings.cluster(),
                        0,
                        Math.min(
                                settings.chunkCacheBytes(),
                                (long) CHUNKS_OF_A_FETCH * settings.chunkBytes()),
                        settings.chunkBytes(),
                        settings.maxLoads(),
                        settings.maxLoadBytes(),
                        0,
                        settings.maxWaitingFetches(),
                        settings.maxReplyBytes());
        this.shared = shared;
        this.bucket = bucket;
        this.neighbours = neighbours;
        this.slots = slots;
    }

    boolean hasRoom() {
        return open < MAX_OPEN;
    }

    /** Returns the path of one fetch, to be {@link #closed}. */
    ReadPath open() {
        open++;
        LoadLimiter peerLoads = new LoadLimiter(settings.maxLoads(), settings.maxLoadBytes());
        ZoneChunks alone = new ZoneChunks(Zone.ALONE, shared.loop(), peerLoads, discarded);
        ChunkCache cache =
                new ChunkCache(
                        settings, ChunkStore.NONE, alone, bucket, neighbours, slots, discarded);
        ObjectReader reader =
                new ObjectReader(new RecentWriteCache(0, discarded), cache, discarded);
        ReadAhead noReadAhead =
                new ReadAhead(
                        settings,
                        shared.metadata(),
                        shared.loop(),
                        reader,
                        shared.offloadedRanges());
        return shared.reading(reader, noReadAhead);
    }

    void closed() {
        open--;
    }
}
