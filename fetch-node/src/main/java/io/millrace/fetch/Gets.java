package io.millrace.fetch;

import io.millrace.storage.loop.Loop;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectRef;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads of parts of objects whose futures complete on the loop. Owned by the loop. */
final class Gets {

    private final ObjectStore store;
    private final Loop loop;
    private final String cluster;
    private final LoadSlots slots;
    private final FetchMetrics metrics;

    Gets(ObjectStore store, Loop loop, String cluster, LoadSlots slots, FetchMetrics metrics) {
        this.store = store;
        this.loop = loop;
        this.cluster = cluster;
        this.slots = slots;
        this.metrics = metrics;
    }

    /**
     * Reads and checks a part of an object. Bytes that fail their check are read once more, in case
     * they were damaged on the way and not in the bucket.
     *
     * @param checked what to make of the bytes; throws {@link ObjectStoreException.Corrupt}
     * @return fails with an {@link ObjectStoreException} only
     */
    <T> CompletableFuture<T> get(ObjectRef object, ByteRange range, Function<byte[], T> checked) {
        CompletableFuture<T> result = new CompletableFuture<>();
        slots.start(
                range.length(),
                () -> {
                    attempt(object, range, checked, result, true);
                    return result;
                });
        return result;
    }

    private <T> void attempt(
            ObjectRef object,
            ByteRange range,
            Function<byte[], T> checked,
            CompletableFuture<T> result,
            boolean again) {
        long startNanos = loop.nanoTime();
        CompletableFuture<byte[]> get = store.get(object.id().key(cluster), range);
        get.whenComplete((bytes, failure) ->
                loop.run(() -> {
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
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        if (cause instanceof ObjectStoreException known) {
            throw known;
        }
        throw new ObjectStoreException.Unavailable("reading " + object.id() + " failed", cause);
    }
}
