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
 * The extents of rows, which lie in manifests: each row is read once however many ask, through the
 * same cache of chunks as batches, and kept as long as there is room. So whoever reads in order
 * reads a manifest once for the extents of a row, and not for each fetch. Bounded by bytes. Owned
 * by the fetch node's loop.
 */
final class OffloadedRangeCache {

    /** An extent in a list; those of one object share its name. */
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
     * The extents of a row.
     *
     * @return completes on the loop, at once if they are here; with none if there is no such row
     *     any more. Fails with an {@link io.millrace.storage.object.ObjectStoreException}
     */
    CompletableFuture<List<Extent>> find(OffloadedRange row) {
        List<Extent> known = cache.getIfPresent(row);
        if (known != null) {
            metrics.rowKnown();
            return CompletableFuture.completedFuture(known);
        }
        CompletableFuture<List<Extent>> running = loading.get(row);
        return running != null ? running : load(row);
    }

    private CompletableFuture<List<Extent>> load(OffloadedRange row) {
        metrics.rowLoaded();
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
     * What a log has from an offset on, as far as it is here; a row that is not is loaded for the
     * next who asks.
     */
    List<Extent> extents(PartitionLog log, long offset, long maxBytes) {
        Optional<OffloadedRange> row = log.offloaded(offset);
        if (row.isEmpty()) {
            return log.extents(offset, maxBytes);
        }
        CompletableFuture<List<Extent>> found = find(row.get());
        return found.isDone() && !found.isCompletedExceptionally()
                ? from(found.resultNow(), offset, maxBytes)
                : List.of();
    }

    /** Those of a row that hold an offset and what follows, until their bytes reach so many. */
    static List<Extent> from(List<Extent> row, long offset, long maxBytes) {
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
