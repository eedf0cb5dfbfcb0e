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
 * Batches of one object, front to back, and whether what lies outside of their own checksums is as
 * it was written: an object whose batches have offsets is read in whole pages, whose checksums are
 * compared with those of its index. That is loaded, by one more request, once somebody asks; then
 * it stays in memory, 4 bytes for each page. Owned by the executor.
 */
final class CheckedInput {

    private final ObjectStore bucket;
    private final String cluster;
    private final ObjectRef object;
    private final Executor executor;
    private final ReadPages pages;
    private final SequentialInput input;
    private @Nullable CompletableFuture<Void> loading;
    private @Nullable StreamObjectIndex index;

    /**
     * @param cluster the name that the object's key contains
     * @param extents what is to be read, by position
     * @param windowBytes what is loaded at a time
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
        boolean inPages = object.id().hasOffsets();
        input =
                new SequentialInput(
                        bucket,
                        cluster,
                        object.id(),
                        // Out of memory come runs, and not the header that is in their first page.
                        inPages ? RecentObjects.NONE : recent,
                        inPages
                                ? ReadRanges.inPages(extents, object.indexPosition())
                                : ReadRanges.of(extents),
                        inPages ? pages::add : (start, bytes) -> {},
                        windowBytes,
                        executor);
    }

    /** Begins to load, if nobody has yet. */
    void begin() {
        input.begin();
    }

    /** See {@link SequentialInput#batch}. */
    @Nullable Slice batch(long position, long max) {
        return input.batch(position, max);
    }

    /**
     * Whether the pages in which an extent lies are as they were written. Only for an object whose
     * batches have offsets, and an extent behind those that are {@link #passed}.
     *
     * @return false if {@link #more} must come first
     * @throws io.millrace.storage.object.ObjectStoreException.Corrupt if one is not
     */
    boolean isAsWritten(Extent extent) {
        if (index == null) {
            begunIndex();
            return false;
        }
        return pages.match(index, extent.position(), extent.position() + extent.length());
    }

    private CompletableFuture<Void> begunIndex() {
        CompletableFuture<Void> begun = loading;
        if (begun == null) {
            ByteRange tail =
                    new ByteRange(
                            object.indexPosition(),
                            Math.toIntExact(object.sizeBytes() - object.indexPosition()));
            begun =
                    bucket.get(object.id().key(cluster), tail)
                            .thenAcceptAsync(
                                    bytes -> index = StreamObjectIndex.parse(object, bytes),
                                    executor);
            loading = begun;
        }
        return begun;
    }

    /** What {@link #batch} or {@link #isAsWritten} lacks comes nearer. */
    CompletableFuture<Void> more() {
        return loading != null && index == null ? loading : input.more();
    }

    /** An extent was read to its end. */
    void passed(Extent extent) {
        pages.forget(extent.position() + extent.length());
    }

    /** Nothing more is wanted. */
    void close() {
        input.close();
    }
}
