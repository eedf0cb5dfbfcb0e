package io.millrace.compaction.input;

import io.millrace.metadata.Extent;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectIndex;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Reads batches of one object sequentially and verifies bytes that the batch checksums do not
 * cover. If the batches contain offsets, whole pages are compared with the object's index. The
 * index costs one more request and 4 bytes of memory per page. Owned by the executor.
 */
final class CheckedInput {

    private final ObjectStore bucket;
    private final String cluster;
    private final ObjectRef object;
    private final Executor executor;
    private final ReadPages pages;
    private final SequentialInput input;
    private @Nullable CompletableFuture<Void> indexLoad;
    private @Nullable StreamObjectIndex index;

    /**
     * @param extents sorted by position
     */
    CheckedInput(
            ObjectStore bucket,
            String cluster,
            ObjectRef object,
            RecentObjects recent,
            List<Extent> extents,
            int windowBytes,
            Executor executor) {
        this.bucket = bucket;
        this.cluster = cluster;
        this.object = object;
        this.executor = executor;
        pages = new ReadPages(object);
        boolean inPages = object.id().hasBaseOffsets();
        input =
                new SequentialInput(
                        bucket,
                        cluster,
                        object.id(),
                        // Objects in memory lack the header, which is in the first page.
                        inPages ? RecentObjects.NONE : recent,
                        inPages
                                ? ReadRanges.inPages(extents, object.indexPosition())
                                : ReadRanges.of(extents),
                        inPages ? pages::add : (start, bytes) -> {},
                        windowBytes,
                        executor);
    }

    void startLoading() {
        input.startLoading();
    }

    @Nullable Slice batch(long position, long max) {
        return input.batch(position, max);
    }

    /**
     * Returns whether the pages of an extent match the index. Only for batches with offsets, and
     * before {@link #releaseExtent}.
     *
     * @return false if {@link #awaitData} must complete first
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt if a page does not match
     */
    boolean matchesIndex(Extent extent) {
        if (index == null) {
            loadIndex();
            return false;
        }
        return pages.match(index, extent.position(), extent.position() + extent.length());
    }

    private CompletableFuture<Void> loadIndex() {
        CompletableFuture<Void> begun = indexLoad;
        if (begun == null) {
            ByteRange tail =
                    new ByteRange(
                            object.indexPosition(),
                            Math.toIntExact(object.sizeBytes() - object.indexPosition()));
            begun =
                    bucket.getRange(object.id().key(cluster), tail)
                            .thenAcceptAsync(
                                    bytes -> index = StreamObjectIndex.parse(object, bytes),
                                    executor);
            indexLoad = begun;
        }
        return begun;
    }

    /** Loads data that {@link #batch} or {@link #matchesIndex} needs. */
    CompletableFuture<Void> awaitData() {
        return indexLoad != null && index == null ? indexLoad : input.awaitData();
    }

    void releaseExtent(Extent extent) {
        pages.release(extent.position() + extent.length());
    }

    void close() {
        input.close();
    }
}
