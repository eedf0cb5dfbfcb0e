package io.millrace.fetch;

import io.millrace.fetch.bucket.LoadLimiter;
import io.millrace.metadata.offset.OffsetResult.Found;
import io.millrace.runtime.loop.EventLoop;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Decodes batches on worker threads, one at a time, because look-ups must not delay the compression
 * of blocks. Further batches are queued in order; open look-ups bound the queue. Owned by the fetch
 * node's event loop.
 */
final class BatchDecoding {

    private final EventLoop loop;
    private final Executor workers;
    private final LoadLimiter slot = new LoadLimiter(1, Long.MAX_VALUE);

    BatchDecoding(EventLoop loop, Executor workers) {
        this.loop = loop;
        this.workers = workers;
    }

    /** Runs the scan; the future completes on the event loop. */
    CompletableFuture<Optional<Found>> find(TimestampScan scan, BatchRun batch) {
        CompletableFuture<Optional<Found>> result = new CompletableFuture<>();
        slot.start(
                batch.sizeBytes(),
                () -> {
                    start(scan, batch, result);
                    return result;
                });
        return result;
    }

    private void start(
            TimestampScan scan, BatchRun batch, CompletableFuture<Optional<Found>> result) {
        CompletableFuture<Optional<Found>> decoded;
        try {
            decoded = CompletableFuture.supplyAsync(() -> scan.find(batch), workers);
        } catch (RejectedExecutionException closing) {
            decoded = CompletableFuture.failedFuture(closing);
        }
        var unused =
                decoded.whenComplete((found, failure) ->
                        loop.execute(() -> {
                            if (failure == null) {
                                result.complete(found);
                            } else {
                                result.completeExceptionally(failure);
                            }
                        }));
    }
}
