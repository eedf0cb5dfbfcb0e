package io.millrace.fetch;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.fetch.cache.ObjectReader;
import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.metadata.Extent;
import io.millrace.metadata.Metadata;
import io.millrace.metadata.OffloadedRange;
import io.millrace.metadata.PartitionLog;
import io.millrace.storage.stream.Slice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A cache of the extents of offloaded ranges. Concurrent requests for a range share one read
 * through the chunk cache. Bounded by bytes. Owned by the fetch node's event loop.
 */
final class OffloadedRangeCache {

    /** Estimated memory of an extent. */
    private static final int EXTENT_BYTES = 64;

    private final Metadata metadata;
    private final ObjectReader reader;
    private final FetchMetrics metrics;
    private final Cache<OffloadedRange, List<Extent>> cache;
    private final Map<OffloadedRange, CompletableFuture<List<Extent>>> loading = new HashMap<>();

    OffloadedRangeCache(
            Metadata metadata, ObjectReader reader, long budgetBytes, FetchMetrics metrics) {
        this.metadata = metadata;
        this.reader = reader;
        this.metrics = metrics;
        this.cache =
                Caffeine.newBuilder()
                        .maximumWeight(budgetBytes)
                        .weigher((OffloadedRange row, List<Extent> extents) ->
                                EXTENT_BYTES * (1 + extents.size()))
                        .executor(Runnable::run)
                        .build();
    }

    /**
     * Returns the extents, at once if cached; empty if the range no longer exists. Completes on the
     * event loop. Fails with an {@link io.millrace.storage.object.ObjectStoreException}.
     */
    CompletableFuture<List<Extent>> find(OffloadedRange row) {
        List<Extent> known = cache.getIfPresent(row);
        if (known != null) {
            metrics.offloadedRangeHit();
            return CompletableFuture.completedFuture(known);
        }
        CompletableFuture<List<Extent>> running = loading.get(row);
        return running != null ? running : load(row);
    }

    private CompletableFuture<List<Extent>> load(OffloadedRange row) {
        metrics.offloadedRangeLoaded();
        CompletableFuture<List<Extent>> load =
                reader.read(row.manifest(), row.position(), row.length(), false)
                        .thenApply(bytes -> extents(row, bytes));
        if (!load.isDone()) {
            loading.put(row, load);
            var unused = load.whenComplete((done, failure) -> loading.remove(row));
        }
        return load;
    }

    private List<Extent> extents(OffloadedRange row, List<Slice> bytes) {
        byte[] content = new byte[row.length()];
        int at = 0;
        for (Slice slice : bytes) {
            System.arraycopy(slice.array(), slice.offset(), content, at, slice.length());
            at += slice.length();
        }
        Optional<List<Extent>> found =
                metadata.view()
                        .partition(row.topicId(), row.partition())
                        .flatMap(log -> log.extents(row, content));
        found.ifPresent(extents -> cache.put(row, extents));
        return found.orElse(List.of());
    }

    /**
     * Returns the available extents from an offset on. If their range is not cached, a load starts.
     */
    List<Extent> extents(PartitionLog log, long offset, long maxBytes) {
        Optional<OffloadedRange> row = log.offloadedRangeAt(offset);
        if (row.isEmpty()) {
            return log.extents(offset, maxBytes);
        }
        CompletableFuture<List<Extent>> found = find(row.get());
        return found.isDone() && !found.isCompletedExceptionally()
                ? extentsFrom(found.resultNow(), offset, maxBytes)
                : List.of();
    }

    /** Returns the extents from an offset on, until their size reaches {@code maxBytes}. */
    static List<Extent> extentsFrom(List<Extent> row, long offset, long maxBytes) {
        int low = 0;
        int high = row.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (row.get(middle).endOffset() > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        List<Extent> found = new ArrayList<>();
        long bytes = 0;
        for (int i = low; i < row.size() && (found.isEmpty() || bytes < maxBytes); i++) {
            found.add(row.get(i));
            bytes += row.get(i).length();
        }
        return found;
    }
}
