package io.millrace.fetch;

import io.millrace.metadata.Metadata;
import io.millrace.storage.loop.Loop;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.SealedObject;
import io.millrace.storage.stream.SealedObjectSink;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The read path of a process: finds extents in the metadata, reads them through the caches, and
 * waits for what is not there yet. Owned by the loop that owns the metadata.
 */
public final class FetchNode implements SealedObjectSink {

    /**
     * @param loop the one that owns {@code metadata}
     */
    public FetchNode(
            FetchSettings settings,
            Metadata metadata,
            ObjectStore store,
            Loop loop,
            FetchMetrics metrics) {}

    /**
     * Reads what the query asks for, waiting as it says. Only on the loop.
     *
     * @return completes on the loop; cancelling it ends the wait. Fails with a {@link
     *     io.millrace.protocol.error.ProblemException} only where the query as a whole cannot be
     *     answered: MALFORMED_REQUEST, OVERLOADED
     */
    public CompletableFuture<FetchResult> fetch(FetchQuery query) {
        return new CompletableFuture<>();
    }

    /**
     * Finds offsets by position or time. Only on the loop.
     *
     * @return one answer for each question, in their order; completes on the loop
     */
    public CompletableFuture<List<OffsetResult>> listOffsets(List<OffsetQuestion> questions) {
        return new CompletableFuture<>();
    }

    /** Keeps the object for readers of what was just written. Any thread. */
    @Override
    public void offer(SealedObject object) {}
}
