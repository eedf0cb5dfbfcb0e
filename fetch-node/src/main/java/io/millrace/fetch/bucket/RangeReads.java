package io.millrace.fetch.bucket;

import io.millrace.fetch.metrics.FetchMetrics;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.object.SequentialRead;
import io.millrace.storage.stream.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads parts of objects. Owned by the event loop, on which futures complete. */
public final class RangeReads {

    /**
     * Exceeds the largest index, which has 40 bytes for each partition and 4 for each page. A GET
     * of a greater range would be the effect of a wrong reference.
     */
    private static final long MAX_GET_BYTES = 64L << 20;

    private final ObjectStore store;
    private final EventLoop loop;
    private final String cluster;
    private final LoadLimiter slots;
    private final FetchMetrics metrics;

    public RangeReads(
            ObjectStore store,
            EventLoop loop,
            String cluster,
            LoadLimiter slots,
            FetchMetrics metrics) {
        this.store = store;
        this.loop = loop;
        this.cluster = cluster;
        this.slots = slots;
        this.metrics = metrics;
    }

    /**
     * Reads and verifies a range. Corrupt bytes are read a second time, because they may have been
     * damaged in transit.
     *
     * @param checked the verification and conversion; throws {@link ObjectStoreException.Corrupt}
     * @return fails only with an {@link ObjectStoreException}
     */
    <T> CompletableFuture<T> readVerified(
            ObjectRef object, ByteRange range, Function<byte[], T> checked) {
        CompletableFuture<T> result = new CompletableFuture<>();
        slots.start(
                range.length(),
                () -> {
                    attempt(object, range, checked, result, true);
                    return result;
                });
        return result;
    }

    /**
     * Reads and verifies an object from a position to its end.
     *
     * @return fails as {@link #readVerified} does, and as Corrupt if the range exceeds {@code
     *     MAX_GET_BYTES}
     */
    <T> CompletableFuture<T> readToEnd(ObjectRef object, long start, Function<byte[], T> checked) {
        long bytes = object.sizeBytes() - start;
        return bytes > MAX_GET_BYTES
                ? CompletableFuture.failedFuture(
                        new ObjectStoreException.Corrupt(
                                "the reference to object %s is wrong: its index would end %d bytes after byte %d, the limit is %d"
                                        .formatted(object.id(), bytes, start, MAX_GET_BYTES),
                                null))
                : readVerified(object, new ByteRange(start, (int) bytes), checked);
    }

    /**
     * Reads adjacent parts by one GET, without verification. Only bytes in flight count toward the
     * limit.
     *
     * @return the futures of the parts, completed in order; fail only with an {@link
     *     ObjectStoreException}
     */
    List<CompletableFuture<byte[]>> readAdjacent(
            ObjectRef object, long start, List<Integer> lengths) {
        List<CompletableFuture<byte[]>> pieces = new ArrayList<>();
        int bytes = 0;
        int largest = 0;
        for (int length : lengths) {
            pieces.add(new CompletableFuture<>());
            bytes += length;
            largest = Math.max(largest, length);
        }
        ByteRange range = new ByteRange(start, bytes);
        slots.start(
                2 * largest,
                () -> {
                    SequentialRead read = store.openRange(object.id().key(cluster), range);
                    next(object, read, lengths, pieces, 0, loop.nanoTime());
                    return pieces.getLast();
                });
        return pieces;
    }

    private void next(
            ObjectRef object,
            SequentialRead read,
            List<Integer> lengths,
            List<CompletableFuture<byte[]>> pieces,
            int number,
            long startNanos) {
        if (number == lengths.size()) {
            read.close();
            metrics.loaded(loop.nanoTime() - startNanos);
            return;
        }
        var unused =
                read.next(lengths.get(number))
                        .whenComplete((bytes, failure) ->
                                loop.runNowOrLater(() -> {
                                    try {
                                        pieces.get(number)
                                                .complete(arrived(object, bytes, failure));
                                        next(object, read, lengths, pieces, number + 1, startNanos);
                                    } catch (ObjectStoreException failed) {
                                        read.close();
                                        metrics.loadFailed();
                                        pieces.subList(number, pieces.size())
                                                .forEach(piece ->
                                                        piece.completeExceptionally(failed));
                                    }
                                }));
    }

    private <T> void attempt(
            ObjectRef object,
            ByteRange range,
            Function<byte[], T> checked,
            CompletableFuture<T> result,
            boolean again) {
        long startNanos = loop.nanoTime();
        CompletableFuture<byte[]> get = store.getRange(object.id().key(cluster), range);
        get.whenComplete((bytes, failure) ->
                loop.runNowOrLater(() -> {
                    if (failure == null) {
                        metrics.loaded(loop.nanoTime() - startNanos);
                    }
                    try {
                        result.complete(checked.apply(arrived(object, bytes, failure)));
                    } catch (ObjectStoreException.Corrupt corrupt) {
                        metrics.loadFailed();
                        if (again) {
                            attempt(object, range, checked, result, false);
                        } else {
                            result.completeExceptionally(corrupt);
                        }
                    } catch (RuntimeException other) {
                        metrics.loadFailed();
                        result.completeExceptionally(other);
                    }
                }));
    }

    private static byte[] arrived(ObjectRef object, byte[] bytes, @Nullable Throwable failure) {
        if (failure == null) {
            return bytes;
        }
        Throwable cause = FutureFailures.unwrap(failure);
        if (cause instanceof ObjectStoreException known) {
            throw known;
        }
        throw new ObjectStoreException.Unavailable("reading " + object.id() + " failed", cause);
    }
}
