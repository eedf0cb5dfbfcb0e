package io.millrace.fetch;

import io.millrace.metadata.Extent;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ObjectStoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Resolves offloaded extents for a fetch. Keeps at most the extents that one reply needs. Owned by
 * the fetch node's event loop.
 */
final class OffloadedLookups {

    private record LoadedRange(
            OffloadedRange row, List<Extent> extents, @Nullable Throwable failure, boolean again) {}

    private final ReadPath path;
    private final FetchQuery query;
    private final @Nullable LoadedRange[] found;

    private boolean waitExpired;

    OffloadedLookups(ReadPath path, FetchQuery query) {
        this.path = path;
        this.query = query;
        this.found = new LoadedRange[query.partitions().size()];
    }

    /**
     * Returns lookups with offloaded extents, valid until the task ends; empty during loads.
     *
     * @param again a callback, run on the event loop when a new attempt may succeed
     */
    Optional<List<PartitionLookup>> resolved(List<PartitionLookup> lookups, Runnable again) {
        List<PartitionLookup> resolved = new ArrayList<>(lookups.size());
        List<CompletableFuture<?>> loads = new ArrayList<>();
        for (int i = 0; i < lookups.size(); i++) {
            resolved.add(resolved(i, lookups.get(i), loads));
        }
        if (loads.isEmpty()) {
            return Optional.of(resolved);
        }
        boolean any = anyHasData(resolved);
        if (waitExpired && any) {
            return Optional.of(resolved);
        }
        recheckAfter(loads, any, again);
        return Optional.empty();
    }

    private boolean anyHasData(List<PartitionLookup> resolved) {
        return IntStream.range(0, resolved.size())
                .anyMatch(i -> hasData(query.partitions().get(i), resolved.get(i)));
    }

    private static boolean hasData(FetchQuery.PartitionQuery query, PartitionLookup lookup) {
        return lookup instanceof PartitionLookup.NotReadable
                || (lookup instanceof PartitionLookup.ReadableLog(long id, PartitionLog log)
                        && query.offset() < log.highWatermark()
                        && !log.extents(query.offset(), 1).isEmpty());
    }

    /**
     * Runs the callback after all loads. If another partition has data, the wait is at most {@link
     * FetchReply#MAX_LOAD_WAIT}.
     */
    private void recheckAfter(List<CompletableFuture<?>> loads, boolean any, Runnable again) {
        CompletableFuture<Void> all =
                CompletableFuture.allOf(loads.toArray(CompletableFuture[]::new));
        CompletableFuture<Void> enough = new CompletableFuture<>();
        var timer =
                path.loop()
                        .schedule(
                                FetchReply.MAX_LOAD_WAIT,
                                () -> {
                                    waitExpired = true;
                                    if (any) {
                                        enough.complete(null);
                                    }
                                });
        var unusedWhenAll = all.whenComplete((done, failure) -> enough.complete(null));
        var unused =
                enough.thenRun(() -> {
                    timer.cancel();
                    path.loop().execute(again);
                });
    }

    private PartitionLookup resolved(
            int i, PartitionLookup lookup, List<CompletableFuture<?>> loads) {
        if (!(lookup instanceof PartitionLookup.ReadableLog(long topicId, PartitionLog log))) {
            return lookup;
        }
        FetchQuery.PartitionQuery asked = query.partitions().get(i);
        Optional<OffloadedRange> row =
                asked.offset() < log.highWatermark()
                        ? log.offloadedRangeAt(asked.offset())
                        : Optional.empty();
        if (row.isEmpty()) {
            return lookup;
        }
        LoadedRange known = found[i];
        if (known == null || !known.row().equals(row.get()) || known.again()) {
            CompletableFuture<Void> load = load(i, row.get(), known != null && known.again());
            known = found[i];
            if (known == null || !load.isDone()) {
                loads.add(load);
                return new PartitionLookup.ReadableLog(topicId, new ResolvedLog(log, List.of()));
            }
        }
        return known.failure() == null
                ? new PartitionLookup.ReadableLog(topicId, new ResolvedLog(log, known.extents()))
                : new PartitionLookup.NotReadable(problem(asked, known.row(), known.failure()));
    }

    private CompletableFuture<Void> load(int i, OffloadedRange row, boolean second) {
        found[i] = null;
        long offset = query.partitions().get(i).offset();
        return path.offloadedRanges()
                .find(row)
                .handle((extents, failure) ->
                        failure == null
                                ? loaded(
                                        i,
                                        row,
                                        OffloadedRangeCache.extentsFrom(
                                                extents, offset, query.maxBytes()))
                                : failed(i, row, FutureFailures.unwrap(failure), second))
                .thenCompose(done -> done);
    }

    private CompletableFuture<Void> loaded(int i, OffloadedRange row, List<Extent> extents) {
        found[i] = new LoadedRange(row, extents, null, false);
        return CompletableFuture.completedFuture(null);
    }

    /**
     * Waits for a barrier if the manifest is missing, because the range may have been removed or
     * replaced.
     */
    private CompletableFuture<Void> failed(
            int i, OffloadedRange row, Throwable failure, boolean second) {
        if (second || !(failure instanceof ObjectStoreException.Missing)) {
            found[i] = new LoadedRange(row, List.of(), failure, false);
            return CompletableFuture.completedFuture(null);
        }
        return path.metadata()
                .barrier()
                .handle((reached, noBarrier) -> {
                    found[i] =
                            new LoadedRange(
                                    row,
                                    List.of(),
                                    noBarrier == null ? failure : FutureFailures.unwrap(noBarrier),
                                    noBarrier == null);
                    return null;
                });
    }

    private static Problem problem(
            FetchQuery.PartitionQuery asked, OffloadedRange row, Throwable failure) {
        return ReadProblems.of(
                asked.topic(), asked.partition(), asked.offset(), row.manifest().id(), failure);
    }
}
