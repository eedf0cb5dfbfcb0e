package io.millrace.fetch;

import io.millrace.fetch.bucket.CheckedLoads;
import io.millrace.fetch.bucket.LoadLimiter;
import io.millrace.fetch.bucket.NeighbourLoads;
import io.millrace.fetch.bucket.ObjectIndexes;
import io.millrace.fetch.bucket.RangeReads;
import io.millrace.fetch.cache.ChunkCache;
import io.millrace.fetch.cache.ChunkSources;
import io.millrace.fetch.cache.ObjectReader;
import io.millrace.fetch.cache.RecentWriteCache;
import io.millrace.fetch.chunk.Chunk;
import io.millrace.fetch.chunk.FetchSettings;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.fetch.zone.ZoneChunks;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.offset.OffsetLookup;
import io.millrace.metadata.offset.OffsetResult;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.SealedObjectSink;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * A read path that looks up extents, reads them through the caches, and waits for new records.
 * Owned by the event loop of its metadata.
 */
public final class FetchNode implements SealedObjectSink {

    private static final long INDEX_CACHE_BYTES = 8L << 20;
    private static final long OFFLOADED_RANGES_CACHE_BYTES = 8L << 20;
    private static final int MAX_READ_POSITIONS = 20_000;
    private static final Object THIS_PROCESS = "this process";

    private final ReadPath path;
    private final RecentWriteCache recentWrites;
    private final ChunkCache chunkCache;
    private final PeerChunks peerChunks;
    private final BucketFetches bucketFetches;
    private final OffsetSearch offsets;
    private final OpenFetches open;

    /** Creates a node without neighbours that decodes on the event loop. */
    public FetchNode(
            FetchSettings settings,
            Metadata metadata,
            ObjectStore store,
            EventLoop loop,
            FetchMetrics metrics) {
        this(settings, metadata, store, loop, loop, ChunkSources.BUCKET_ONLY, metrics);
    }

    /**
     * Creates a node, on the event loop or before the loop starts. The disk is used on the event
     * loop.
     *
     * @param workers the executor that decodes batches
     */
    public FetchNode(
            FetchSettings settings,
            Metadata metadata,
            ObjectStore store,
            EventLoop loop,
            Executor workers,
            ChunkSources nearby,
            FetchMetrics metrics) {
        if (metadata.loop() != loop) {
            throw new IllegalArgumentException(
                    "a fetch node must use the event loop of its metadata");
        }
        LoadLimiter slots = new LoadLimiter(settings.maxLoads(), settings.maxLoadBytes());
        RangeReads gets = new RangeReads(store, loop, settings.cluster(), slots, metrics);
        CheckedLoads bucket = new CheckedLoads(gets, new ObjectIndexes(gets, INDEX_CACHE_BYTES));
        recentWrites = new RecentWriteCache(settings.recentWriteCacheBytes(), metrics);
        LoadLimiter questions = new LoadLimiter(settings.maxLoads(), settings.maxLoadBytes());
        ZoneChunks zone = new ZoneChunks(nearby.zone(), loop, questions, metrics);
        NeighbourLoads neighbours = new NeighbourLoads(loop, bucket);
        chunkCache =
                new ChunkCache(settings, nearby.disk(), zone, bucket, neighbours, slots, metrics);
        peerChunks = new PeerChunks(metadata, recentWrites, chunkCache, metrics);
        ObjectReader reader = new ObjectReader(recentWrites, chunkCache, metrics);
        OffloadedRangeCache offloadedRanges =
                new OffloadedRangeCache(metadata, reader, OFFLOADED_RANGES_CACHE_BYTES, metrics);
        path =
                new ReadPath(
                        settings,
                        metadata,
                        loop,
                        reader,
                        offloadedRanges,
                        new ReadPositions(MAX_READ_POSITIONS),
                        new ReadAhead(settings, metadata, loop, reader, offloadedRanges),
                        new LongPollRegistry(metrics),
                        new ReplyBudget(settings.maxReplyBytes(), metrics),
                        new BatchDecoding(loop, workers),
                        metrics);
        bucketFetches = new BucketFetches(settings, path, bucket, neighbours, slots);
        offsets = new OffsetSearch(path);
        open = new OpenFetches(settings.maxWaitingFetches());
        loop.runNowOrLater(() -> metadata.addListener(path.longPolls()));
    }

    /** Reads partitions for a reader of this process. Only on the event loop. */
    public CompletableFuture<FetchResult> fetch(FetchQuery query) {
        return fetch(query, THIS_PROCESS);
    }

    /**
     * Reads partitions, waiting up to the query's limit. Only on the event loop.
     *
     * @param reader the user of a share of the open fetches, compared by {@code equals}
     * @return completes on the event loop; cancelling the future, on any thread, ends the wait.
     *     Fails only with a {@link ProblemException}: MALFORMED_REQUEST, OVERLOADED
     */
    public CompletableFuture<FetchResult> fetch(FetchQuery query, Object reader) {
        Optional<Problem> problem = query.problem();
        if (problem.isPresent()) {
            return CompletableFuture.failedFuture(new ProblemException(problem.get()));
        }
        int partitions = query.partitions().size();
        boolean fromBucket = query.source() == FetchQuery.Source.BUCKET;
        if (fromBucket && !bucketFetches.hasRoom()) {
            return CompletableFuture.failedFuture(
                    new ProblemException(
                            new Problem(
                                    Reason.OVERLOADED,
                                    "The node has %d open fetches with from_bucket, which is the limit; fetch again after a pause."
                                            .formatted(BucketFetches.MAX_OPEN))));
        }
        Optional<Problem> noRoom = open.add(reader, partitions);
        if (noRoom.isPresent()) {
            path.metrics().overloaded();
            return CompletableFuture.failedFuture(new ProblemException(noRoom.get()));
        }
        ReadPath reading = fromBucket ? bucketFetches.open() : path;
        CompletableFuture<FetchResult> result = new PendingFetch(reading, query).start();
        var unused =
                result.whenComplete((done, failure) ->
                        path.loop().runNowOrLater(() -> closed(reader, partitions, fromBucket)));
        return result;
    }

    private void closed(Object reader, int partitions, boolean fromBucket) {
        open.remove(reader, partitions);
        if (fromBucket) {
            bucketFetches.closed();
        }
    }

    /** Returns one offset for each question, in order. Only on the event loop. */
    public CompletableFuture<List<OffsetResult>> listOffsets(List<OffsetLookup> questions) {
        return offsets.find(questions);
    }

    /**
     * Reads a chunk for another node of the zone, never from a third node. Only on the event loop.
     *
     * @return completes on the event loop; fails with an {@link
     *     io.millrace.storage.object.ObjectStoreException}, or with a {@link ProblemException} if
     *     the chunk sizes differ or the metadata do not have this reference
     */
    public CompletableFuture<Chunk> readChunk(ObjectRef object, long position, int length) {
        return peerChunks.read(object, position, length);
    }

    /**
     * Called when an object is in the bucket and this node is its loader in the zone. The log entry
     * may follow. Ignored if the reference is not that of a block. Only on the event loop.
     */
    public void objectAnnounced(ObjectRef object) {
        if (recentWrites.find(object.id()) == null && peerChunks.isPlausible(object)) {
            chunkCache.objectAnnounced(object, path.loop().nanoTime());
        }
    }

    /** Returns an object of this process, if in memory. Only on the event loop. */
    public Optional<SealedObject> recentObject(ObjectId id) {
        return Optional.ofNullable(recentWrites.find(id));
    }

    @Override
    public void offer(SealedObject object) {
        path.loop().runNowOrLater(() -> recentWrites.add(object));
    }

    @Override
    public void withdrawn(ObjectId object) {
        path.loop().runNowOrLater(() -> recentWrites.remove(object));
    }
}
