package io.millrace.ingest;

import io.millrace.storage.loop.SimulatedLoop;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.object.Listing;
import io.millrace.storage.object.ObjectBody;
import io.millrace.storage.object.ObjectKey;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A bucket in memory, in virtual time: the test says how long each put takes and how it ends. */
final class FakeStore implements ObjectStore {

    /** How a put goes. */
    record Put(Duration takes, @Nullable ObjectStoreException failure) {}

    final Map<ObjectKey, byte[]> objects = new HashMap<>();
    private final SimulatedLoop loop;
    private Function<Integer, Put> puts = number -> new Put(Duration.ofMillis(5), null);
    private int putCount;

    FakeStore(SimulatedLoop loop) {
        this.loop = loop;
    }

    /** Decides over puts by their number, from 0. */
    void onPut(Function<Integer, Put> decide) {
        puts = decide;
    }

    int putCount() {
        return putCount;
    }

    @Override
    public CompletableFuture<Void> put(ObjectKey key, ObjectBody body) {
        Put put = puts.apply(putCount++);
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.schedule(
                put.takes(),
                () -> {
                    if (put.failure() != null) {
                        done.completeExceptionally(put.failure());
                    } else {
                        ByteBuffer all = ByteBuffer.allocate((int) body.sizeBytes());
                        body.pieces().forEach(all::put);
                        objects.put(key, all.array());
                        done.complete(null);
                    }
                });
        return done;
    }

    @Override
    public CompletableFuture<byte[]> get(ObjectKey key, ByteRange range) {
        byte[] object = objects.get(key);
        return object == null
                ? CompletableFuture.failedFuture(
                        new ObjectStoreException.Missing("no " + key, null))
                : CompletableFuture.completedFuture(
                        Arrays.copyOfRange(object, (int) range.start(), (int) range.end()));
    }

    @Override
    public CompletableFuture<Void> delete(Collection<ObjectKey> keys) {
        objects.keySet().removeAll(keys);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Listing> list(String prefix, Optional<ObjectKey> after, int limit) {
        throw new UnsupportedOperationException("nobody lists here");
    }

    @Override
    public void close() {}
}
