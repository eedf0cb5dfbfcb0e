package io.millrace.fetch.bucket;

import io.millrace.fetch.chunk.Chunk;
import io.millrace.runtime.FutureFailures;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectStoreException.Corrupt;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.StreamObjectIndex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Loads parts of objects and verifies them by the page checksums of the index. An uncached index
 * costs no extra round trip. The GET of the last part includes the index; otherwise a parallel GET
 * loads the index. Owned by the fetch node's event loop.
 */
public final class CheckedLoads {

    private record PartsAndIndex(List<Chunk> parts, StreamObjectIndex index) {}

    private final RangeReads gets;
    private final ObjectIndexes indexes;

    public CheckedLoads(RangeReads gets, ObjectIndexes indexes) {
        this.gets = gets;
        this.indexes = indexes;
    }

    /**
     * Loads whole pages.
     *
     * @return completes on the event loop; fails only with an {@link
     *     io.millrace.storage.object.ObjectStoreException}
     */
    public CompletableFuture<Chunk> load(ObjectRef object, long start, int length) {
        Optional<StreamObjectIndex> known = indexes.cached(object);
        if (known.isPresent()) {
            return load(known.get(), start, length);
        }
        if (start + length == object.indexPosition() && !indexes.isLoading(object)) {
            return loadToEnd(object, start, length).thenApply(List::getFirst);
        }
        CompletableFuture<StreamObjectIndex> index = indexes.find(object);
        CompletableFuture<byte[]> bytes =
                gets.readVerified(object, new ByteRange(start, length), unchecked -> unchecked);
        return index.thenCombine(bytes, (found, part) -> checked(found, start, part))
                .exceptionallyCompose(failure -> reloadIfCorrupt(failure, object, start, length));
    }

    /**
     * Returns whether the page checksums of a chunk from another node differ from those of the
     * index. Without a cached index, which would cost a GET, the chunk's own checksums count.
     */
    public boolean contradictsIndex(ObjectRef object, long start, Chunk chunk) {
        return indexes.cached(object)
                .map(index -> index.pageCrcs(start, chunk.bytes().length))
                .filter(crcs -> !Arrays.equals(crcs, chunk.pageCrcs()))
                .isPresent();
    }

    /**
     * Loads adjacent parts of whole pages by one GET. The future of each part completes when its
     * bytes have arrived.
     */
    List<CompletableFuture<Chunk>> loadRun(ObjectRef object, long start, List<Integer> lengths) {
        CompletableFuture<StreamObjectIndex> index = indexes.find(object);
        List<CompletableFuture<byte[]>> pieces = gets.readAdjacent(object, start, lengths);
        List<CompletableFuture<Chunk>> chunks = new ArrayList<>();
        long at = start;
        for (int i = 0; i < lengths.size(); i++) {
            long position = at;
            int length = lengths.get(i);
            chunks.add(
                    index.thenCombine(
                                    pieces.get(i), (found, part) -> checked(found, position, part))
                            .exceptionallyCompose(
                                    failure -> reloadIfCorrupt(failure, object, position, length)));
            at += length;
        }
        return chunks;
    }

    /**
     * Returns true for objects of at most {@code maxBytes} with an index neither cached nor
     * loading.
     */
    public boolean isWholeCheaper(ObjectRef object, int maxBytes) {
        return object.indexPosition() > 0
                && object.sizeBytes() <= maxBytes
                && indexes.cached(object).isEmpty()
                && !indexes.isLoading(object);
    }

    /**
     * Loads all parts of an object, in order. Its index must be neither cached nor loading.
     *
     * @param partBytes the size of each part but the last, a multiple of the page size
     */
    public CompletableFuture<List<Chunk>> loadWhole(ObjectRef object, int partBytes) {
        return loadToEnd(object, 0, partBytes);
    }

    private CompletableFuture<Chunk> load(StreamObjectIndex index, long start, int length) {
        return gets.readVerified(
                index.ref(), new ByteRange(start, length), bytes -> checked(index, start, bytes));
    }

    /** Loads up to the end of the object, which holds the index. */
    private CompletableFuture<List<Chunk>> loadToEnd(ObjectRef object, long start, int partBytes) {
        int runs = Math.toIntExact(object.indexPosition() - start);
        CompletableFuture<PartsAndIndex> both =
                gets.readToEnd(
                        object,
                        start,
                        bytes -> {
                            byte[] tail = Arrays.copyOfRange(bytes, runs, bytes.length);
                            StreamObjectIndex index = StreamObjectIndex.parse(object, tail);
                            List<Chunk> parts = new ArrayList<>();
                            for (int from = 0; from < runs; from += partBytes) {
                                int to = Math.min(runs, from + partBytes);
                                byte[] part = Arrays.copyOfRange(bytes, from, to);
                                parts.add(checked(index, start + from, part));
                            }
                            return new PartsAndIndex(parts, index);
                        });
        indexes.addLoading(object, both.thenApply(PartsAndIndex::index));
        return both.thenApply(PartsAndIndex::parts);
    }

    /** Repeats the read once, because the bytes may have been damaged in transit. */
    private CompletionStage<Chunk> reloadIfCorrupt(
            Throwable failure, ObjectRef object, long start, int length) {
        Throwable cause = FutureFailures.unwrap(failure);
        if (!(cause instanceof Corrupt)) {
            return CompletableFuture.failedFuture(cause);
        }
        return indexes.find(object).thenCompose(index -> load(index, start, length));
    }

    private static Chunk checked(StreamObjectIndex index, long start, byte[] bytes) {
        index.verify(start, bytes);
        return new Chunk(bytes, index.pageCrcs(start, bytes.length));
    }
}
