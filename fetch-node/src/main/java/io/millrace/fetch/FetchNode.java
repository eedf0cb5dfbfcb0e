package io.millrace.fetch;

import io.millrace.metadata.Metadata;
import io.millrace.protocol.error.Problem;
import io.millrace.protocol.error.ProblemException;
import io.millrace.protocol.error.Reason;
import io.millrace.storage.loop.Loop;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.SealedObjectSink;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The read path of a process: finds extents in the metadata, reads them through the caches, and
 * waits for what is not there yet. Owned by the loop that owns the metadata.
 */
public final class FetchNode implements SealedObjectSink {

    private static final long INDEX_CACHE_BYTES = 8L << 20;
    private static final int CONTINUATIONS = 20_000;

    private final ReadPath path;
    private final HotObjects hot;
    private final OffsetSearch offsets;
    private int open;

    /**
     * @param loop the one that owns {@code metadata}; the node is made on it or before it runs
     */
    public FetchNode(
            FetchSettings settings,
            Metadata metadata,
            ObjectStore store,
            Loop loop,
            FetchMetrics metrics) {
        if (metadata.loop() != loop) {
            throw new IllegalArgumentException("a fetch node lives on its metadata's loop");
        }
        LoadSlots slots = new LoadSlots(settings.maxLoads());
        Gets gets = new Gets(store, loop, settings.cluster(), slots, metrics);
        ObjectIndexes indexes = new ObjectIndexes(gets, INDEX_CACHE_BYTES);
        hot = new HotObjects(settings.hotCacheBytes(), metrics);
        ChunkCache cold = new ChunkCache(settings, gets, indexes, slots, metrics);
        path =
                new ReadPath(
                        settings,
                        metadata,
                        loop,
                        new ObjectReader(hot, cold, metrics),
                        new Continuations(CONTINUATIONS),
                        new Waiters(metrics),
                        new ReplyBudget(settings.maxReplyBytes(), metrics),
                        metrics);
        offsets = new OffsetSearch(path);
        loop.run(() -> metadata.addListener(path.waiters()));
    }

    /**
     * Reads what the query asks for, waiting as it says. Only on the loop.
     *
     * @return completes on the loop; cancelling it, on any thread, ends the wait. Fails with a
     *     {@link ProblemException} only where the query as a whole cannot be answered:
     *     MALFORMED_REQUEST, OVERLOADED
     */
    public CompletableFuture<FetchResult> fetch(FetchQuery query) {
        Optional<Problem> problem = query.problem();
        if (problem.isPresent()) {
            return CompletableFuture.failedFuture(new ProblemException(problem.get()));
        }
        if (open >= path.settings().maxWaitingFetches()) {
            path.metrics().overloaded();
            return CompletableFuture.failedFuture(
                    new ProblemException(
                            new Problem(
                                    Reason.OVERLOADED,
                                    "The node has %d fetches open, as many as it may; fetch again after a pause."
                                            .formatted(open))));
        }
        open++;
        CompletableFuture<FetchResult> result = new PendingFetch(path, query).start();
        var unused = result.whenComplete((done, failure) -> path.loop().run(() -> open--));
        return result;
    }

    /**
     * Finds offsets by position or time. Only on the loop.
     *
     * @return one answer for each question, in their order; completes on the loop
     */
    public CompletableFuture<List<OffsetResult>> listOffsets(List<OffsetQuestion> questions) {
        return offsets.answer(questions);
    }

    /** Keeps the object for readers of what was just written. Any thread. */
    @Override
    public void offer(SealedObject object) {
        path.loop().run(() -> hot.add(object));
    }
}
